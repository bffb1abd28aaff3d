// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace ftcore::testing {

/// A TCP proxy in front of one port, on the test's loop. It can do to its connections what networks
/// do: hold bytes back in one direction or both (they arrive later), refuse, reset.
class Relay {
  public:
    Relay(boost::asio::io_context& loop, std::uint16_t target);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// Towards the target, and back: connections are accepted, and nothing passes.
    void stall_forth(bool on);
    void stall_back(bool on);
    /// Open connections end, and nobody listens any more.
    void refuse(bool on);
    /// Open connections end with a reset.
    void reset();
    [[nodiscard]] std::size_t connections() const;

  private:
    struct State;
    struct Pipe;
    struct Connection;
    std::shared_ptr<State> state_;  // handlers in flight keep it until they have run
};

}  // namespace ftcore::testing
