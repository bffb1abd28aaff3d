// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/result.hpp"
#include "harness/inject/link/toxiproxy/routes.hpp"

namespace faultline::cli {

/// The HTTP server in front of a set of proxies. No request waits for another, nor for a client, an
/// upstream or a name server.
/// Thread: one, the one in `serve`.
class ProxyServer {
  public:
    struct Options {
        std::string host = "localhost";
        std::uint16_t port = 8474;  // 0: the kernel chooses
        link::ApiOptions api{};
    };
    /// Listens, and serves nobody yet; SIGINT and SIGTERM wait for `serve` from here on. Errors:
    /// with the address.
    [[nodiscard]] static Result<std::unique_ptr<ProxyServer>> listen(Options options);
    ~ProxyServer();
    ProxyServer(const ProxyServer&) = delete;
    ProxyServer& operator=(const ProxyServer&) = delete;

    /// "127.0.0.1:8474".
    [[nodiscard]] std::string address() const;
    [[nodiscard]] bool on_loopback() const;

    /// Until SIGINT or SIGTERM. Returns its number.
    [[nodiscard]] int serve(link::ProxySet& set);

  private:
    struct State;
    explicit ProxyServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace faultline::cli
