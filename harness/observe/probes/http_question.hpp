// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "harness/observe/probe.hpp"

namespace faultline {

/// An HTTP/1.1 request asked over a connection of its own each time, so that accepting is probed
/// too, and what its response means.
struct HttpQuestion {
    std::string path;
    std::string body{};  // empty: GET, else POST
    std::function<ProbeAnswer(unsigned status, const std::string& body)> interpret;
};

/// Errors: a target without a port or with a host that is no address.
[[nodiscard]] Result<std::unique_ptr<Probe>> make_http_probe(Loop& loop,
                                                             const ProbeSpec& spec,
                                                             const ProbeTarget& target,
                                                             HttpQuestion question);

}  // namespace faultline
