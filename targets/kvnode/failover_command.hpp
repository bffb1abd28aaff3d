// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "targets/kvnode/command.hpp"

namespace kvnode {

struct Service;

/// FAILOVER [TO host port] [TIMEOUT milliseconds] hands the lead over in good order, to the member
/// whose clients are sent to that address or to whoever has most; FAILOVER ABORT gives that up. The
/// answer comes at once, INFO says how it goes on (master_failover_state). FORCE is refused: it
/// would lose writes. Source: https://redis.io/docs/latest/commands/failover
[[nodiscard]] std::string answer_failover(Service& service, const Words& words);

}  // namespace kvnode
