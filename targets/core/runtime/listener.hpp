// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace ftcore {

/// Listens on a TCP address and hands over the connections that are made to it, until it is
/// destroyed. Thread: the loop's; may be destroyed by what it hands a connection to.
class Listener {
  public:
    /// An accept that failed is not tried again at once: out of descriptors, most likely.
    static constexpr faultline::Duration pause = std::chrono::milliseconds(20);

    struct Address {
        std::string host;  // an IP address
        std::uint16_t port = 0;
        std::string purpose;  // for messages: "clients"
    };

    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    struct State;
    explicit Listener(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;  // handlers in flight keep it until they have run

    friend faultline::Result<std::unique_ptr<Listener>> listen(
        boost::asio::io_context& loop,
        const Address& at,
        std::function<void(boost::asio::ip::tcp::socket)> taken);
};

/// Errors: `invalid`, not an IP address; the address is taken or not ours.
[[nodiscard]] faultline::Result<std::unique_ptr<Listener>> listen(
    boost::asio::io_context& loop,
    const Listener::Address& at,
    std::function<void(boost::asio::ip::tcp::socket)> taken);

}  // namespace ftcore
