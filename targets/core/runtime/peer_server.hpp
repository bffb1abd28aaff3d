// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "harness/base/result.hpp"
#include "targets/core/runtime/peer_link.hpp"

namespace ftcore {

/// Takes the connections that peers make to this node and reads what they say. Of one peer the
/// newest connection counts: it closes an older one, whose end may never have been heard of, and a
/// Hello that comes later than its successor is turned away. Thread: the node's loop.
class PeerServer {
  public:
    struct Callbacks {
        /// Whether this Hello may come in; the reason when not.
        std::function<Result<>(const Hello&)> admit;
        std::function<void(NodeId, std::uint64_t incarnation)> joined;
        std::function<void(NodeId, Frame)> frame;
        /// The connection that counted has ended, and more than Hello had come on it.
        std::function<void(NodeId)> lost;
        std::function<void(NodeId, const std::string& reason)> broken;  // `nobody` before its Hello
    };

    /// Errors: the address is taken or not ours.
    [[nodiscard]] static Result<std::unique_ptr<PeerServer>> listen(boost::asio::io_context& loop,
                                                                    const PeerEndpoint& at,
                                                                    Hello hello,
                                                                    Callbacks callbacks);
    ~PeerServer();
    PeerServer(const PeerServer&) = delete;
    PeerServer& operator=(const PeerServer&) = delete;

    void stop();
    /// Whether a connection of this peer is open.
    [[nodiscard]] bool hears(NodeId peer) const;

    /// More connections than this are closed at once.
    static constexpr std::size_t connections_max = 64;
    static constexpr Duration hello_within = std::chrono::seconds(2);

  private:
    struct State;
    struct Session;
    explicit PeerServer(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;  // handlers in flight keep it until they have run
};

}  // namespace ftcore
