// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/resp.hpp"
#include "harness/observe/probe.hpp"

namespace faultline {

/// A Redis command asked over one kept connection, and what its reply means.
struct RedisQuestion {
    std::vector<std::string> command;
    /// Sees every reply but errors, which are never ok.
    std::function<ProbeAnswer(const RespValue& reply)> interpret;
};

/// Errors: a target without a port or with a host that is no address.
[[nodiscard]] Result<std::unique_ptr<Probe>> make_redis_probe(Loop& loop,
                                                              const ProbeSpec& spec,
                                                              const ProbeTarget& target,
                                                              RedisQuestion question);

}  // namespace faultline
