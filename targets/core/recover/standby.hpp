// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore {

/// What stands by to take over, and so how long a recovery may take.
enum class StandbyMode : std::uint8_t {
    hot,   // another node has everything and runs: an election
    warm,  // the data must be caught up with first
    cold   // nobody: the process has to start and read its disk
};

[[nodiscard]] std::string_view name_of(StandbyMode mode);

struct StandbyView {
    bool peer_in_reach = false;  // one that can lead
    bool catching_up = false;    // this node lacks data
};
[[nodiscard]] StandbyMode standby_mode(const StandbyView& view);

/// How long a step of a recovery in this mode may take before another way is tried.
[[nodiscard]] Duration patience_of(StandbyMode mode);

}  // namespace ftcore
