// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/base/random.hpp"
#include "harness/base/result.hpp"
#include "harness/load/load.hpp"
#include "harness/load/protocol.hpp"
#include "harness/scenario/catalog.hpp"

namespace faultline {

// One file per driver: its row for the catalog, and what makes it.
// Errors: a host that cannot be resolved, parameters that contradict each other.

[[nodiscard]] Kind etcd_kind();
[[nodiscard]] Kind exec_kind();
[[nodiscard]] Kind http_kind();
[[nodiscard]] Kind redis_kind();
[[nodiscard]] Kind tcp_kind();

[[nodiscard]] Result<std::unique_ptr<Protocol>> make_etcd(const LoadSpec& spec,
                                                          const LoadTargets& targets);
[[nodiscard]] Result<std::unique_ptr<Protocol>> make_http(const LoadSpec& spec,
                                                          const LoadTargets& targets);
[[nodiscard]] Result<std::unique_ptr<Protocol>> make_redis(const LoadSpec& spec,
                                                           const LoadTargets& targets);
[[nodiscard]] Result<std::unique_ptr<Protocol>> make_tcp(const LoadSpec& spec,
                                                         const LoadTargets& targets);

/// Not a protocol over connections but an engine of its own: operations are commands.
[[nodiscard]] Result<std::unique_ptr<Load>> make_exec(const LoadSpec& spec,
                                                      LoadTargets targets,
                                                      const Random& random);

}  // namespace faultline
