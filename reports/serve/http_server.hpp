// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "harness/base/result.hpp"
#include "reports/serve/http_message.hpp"

namespace faultline::reports {

/// A small HTTP/1.1 server on loopback that only shows things: GET and HEAD, no bodies, limits on
/// everything a client can make it keep, and no answer to a page of another site (the Host header).
/// Thread: one, the one in `run`, unless said otherwise.
class HttpServer {
  public:
    struct Options {
        std::string host = "127.0.0.1";  // a loopback address, or "localhost"
        std::uint16_t port = 0;          // 0: the kernel chooses
    };
    /// Listens, and serves nobody yet. Errors: `invalid` for a host that is not loopback; what is
    /// in the way of the port.
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(const Options& options,
                                                                    HttpHandler handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// "127.0.0.1:8470".
    [[nodiscard]] std::string address() const;

    /// Serves until `stop`.
    void run();
    /// Thread: any.
    void stop();
    /// SIGINT and SIGTERM stop it too, from now on.
    void stop_on_signals();

    /// To everyone who follows the stream of events. Source: HTML Living Standard, section 9.2.
    /// Requires: no line break in either.
    void publish(const std::string& event, const std::string& data);
    /// Calls `ready` whenever `fd` can be read. Requires: it stays open as long as the server.
    void watch(int fd, std::function<void()> ready);

  private:
    struct State;
    explicit HttpServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace faultline::reports
