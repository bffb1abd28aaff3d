// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/inject/link/toxiproxy/body.hpp"
#include "harness/inject/link/toxiproxy/findings.hpp"

namespace faultline::link {

/// A configuration file: the array that `POST /populate` takes.
struct Configuration {
    std::vector<ProxyRequest> proxies{};
    Findings findings;  // what is wrong with it; empty: nothing
};

/// Errors: the file cannot be read.
[[nodiscard]] Result<Configuration> read_configuration(const std::filesystem::path& file);

}  // namespace faultline::link
