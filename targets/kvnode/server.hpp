// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "harness/base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace kvnode {

struct Service;

/// Takes clients' connections. Thread: the node's loop.
class Server {
  public:
    /// Errors: the address is taken or not ours.
    [[nodiscard]] static faultline::Result<std::unique_ptr<Server>> listen(
        boost::asio::io_context& loop,
        const std::string& host,
        std::uint16_t port,
        Service& service);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Takes no new connections; those that are there are served until they end or `close`.
    void stop_listening();
    /// Ends every connection when what it waits for has been answered; `done` when none is left.
    void drain(std::function<void()> done);
    void close();

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace kvnode
