// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "targets/core/failover/message.hpp"

namespace ftcore::simulation {

/// A message in one line, for people who read a trace.
[[nodiscard]] std::string spell(const Message& message);

}  // namespace ftcore::simulation
