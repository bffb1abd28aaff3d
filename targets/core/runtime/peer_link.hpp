// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "targets/core/wire/frame.hpp"

namespace boost::asio {
class io_context;
}

namespace ftcore {

/// Where a peer listens.
struct PeerEndpoint {
    std::string host;  // an IP address
    std::uint16_t port = 0;
    NodeId node = nobody;  // who must answer there, unless it is nobody
};

/// The connection that this node makes to a peer and sends on. It is made again whenever it breaks:
/// at once the first time, then with growing pauses. There may be a proxy in between, and then a
/// connection that is accepted says little: it counts when the peer has said Hello, and one on
/// which nothing more is taken is replaced. Thread: the node's loop.
class PeerLink {
  public:
    struct Callbacks {
        std::function<void(std::uint64_t incarnation)> connected;  // the peer has said Hello
        std::function<void()> lost;
        std::function<void()> refused;    // an attempt met nobody listening
        std::function<void()> timed_out;  // an attempt met silence: not accepted, or no Hello
        std::function<void()> accepted;   // a probe was accepted by the peer's kernel
        std::function<void(const std::string& reason)> broken;  // the peer talks nonsense
    };

    PeerLink(boost::asio::io_context& loop, PeerEndpoint peer, Hello hello, Callbacks callbacks);
    ~PeerLink();
    PeerLink(const PeerLink&) = delete;
    PeerLink& operator=(const PeerLink&) = delete;

    void start();
    void stop();
    /// Connects at once if it waits for its next attempt: the peer has shown itself.
    void hurry();
    /// A fresh connection that is closed again, to see whether anybody accepts it.
    void probe();

    [[nodiscard]] bool connected() const;
    /// Adds to what is sent next. Not connected, or more than `unsent_bytes_max` waiting: dropped;
    /// consensus sends again.
    void send(const Frame& frame);
    void flush();

    /// More than consensus has in flight to one peer (ConsensusSettings::bytes_in_flight_max).
    static constexpr std::size_t unsent_bytes_max = std::size_t{32} << 20;
    /// The longest wait for a connection to be accepted.
    static constexpr Duration attempt_max = std::chrono::milliseconds(200);
    /// The longest wait for the peer's Hello: at first, and after waits in vain, each of which
    /// doubles it. A slow link needs more than a quick one; what was enough is remembered.
    static constexpr Duration hello_first = std::chrono::milliseconds(200);
    static constexpr Duration hello_max = std::chrono::seconds(2);
    /// A connection on which the other end takes nothing for so long is replaced, and with it goes
    /// what waits there: it would only come late.
    static constexpr Duration stalled_max = std::chrono::seconds(2);
    static constexpr Duration pause_first = std::chrono::milliseconds(5);
    static constexpr Duration pause_max = std::chrono::milliseconds(50);

  private:
    struct State;
    std::shared_ptr<State> state_;  // handlers in flight keep it until they have run
};

}  // namespace ftcore
