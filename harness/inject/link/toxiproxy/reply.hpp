// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/inject/link/toxiproxy/proxy_set.hpp"

namespace faultline::link {

// What the API answers, as JSON text with a newline at its end.

[[nodiscard]] std::string json_of(const ProxySet& set, const Proxy& proxy);
/// An object of all proxies by name.
[[nodiscard]] std::string json_of(const ProxySet& set);
[[nodiscard]] std::string json_of(const Toxic& toxic);
[[nodiscard]] std::string json_of(const std::vector<Toxic>& toxics);
/// {"error": "...", "status": 404}, and a hint where there is one.
[[nodiscard]] std::string json_of(const ApiError& error);
/// {"proxies": [...]}, after the error where there is one.
[[nodiscard]] std::string json_of(const ProxySet& set, const ProxySet::Populated& populated);
[[nodiscard]] std::string version_json();

}  // namespace faultline::link
