// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/inject/link/toxiproxy/proxy_set.hpp"

namespace faultline::link {

struct MetricsOptions {
    bool proxies = false;     // bytes and connections of each proxy, and what its toxics did
    bool runtime = false;     // this process: time, memory, descriptors
    bool openmetrics = true;  // false: the older text format 0.0.4
};

/// The metrics as text. Bytes count as they pass.
/// Source: OpenMetrics 1.0; Prometheus text exposition format 0.0.4.
[[nodiscard]] std::string metrics_text(const ProxySet& set, const MetricsOptions& options);
[[nodiscard]] std::string metrics_content_type(bool openmetrics);

}  // namespace faultline::link
