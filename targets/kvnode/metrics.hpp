// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace kvnode {

struct Service;

/// What the node counts, as OpenMetrics text.
/// Source: https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md
[[nodiscard]] std::string metrics_text(const Service& service);

/// Serves `GET /metrics` over HTTP. Thread: the node's loop.
class MetricsServer {
  public:
    /// Errors: the address is taken or not ours.
    [[nodiscard]] static faultline::Result<std::unique_ptr<MetricsServer>> listen(
        boost::asio::io_context& loop,
        const std::string& host,
        std::uint16_t port,
        Service& service);
    ~MetricsServer();
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;

  private:
    struct State;
    explicit MetricsServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace kvnode
