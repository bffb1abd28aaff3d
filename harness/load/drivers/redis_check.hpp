// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "harness/load/drivers/redis_route.hpp"
#include "harness/load/load.hpp"

namespace faultline {

/// Where to read from; blocks until it is known or the deadline has come.
using FindPlace = std::function<std::optional<Destination>(Instant deadline)>;

/// Looks for the instance in the wanted role, round after round.
[[nodiscard]] std::optional<Destination> find_in_role(const RedisSearch& search, Instant deadline);

/// Reads every written key back from `find`'s answer, starting over where it stopped when that
/// fails on the way; see Load::check_writes.
[[nodiscard]] WriteCheck check_redis_writes(const OperationLog& log,
                                            const std::string& key_prefix,
                                            const FindPlace& find,
                                            Instant deadline);

}  // namespace faultline
