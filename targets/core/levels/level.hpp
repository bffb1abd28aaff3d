// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "targets/core/types.hpp"

namespace ftcore {

/// What a level promises, as sentences for the README, `--help` and the log of a starting node.
/// Each field answers "what may be lost of that which was acknowledged?".
struct LevelPromise {
    Level level;
    std::string_view name;              // "high"
    std::string_view acknowledged;      // when a write is
    std::string_view one_crash;         // the process of one node ends, the primary's included
    std::string_view all_crashes;       // the processes of all nodes end, the machines go on
    std::string_view one_power_loss;    // one machine loses what it had not synced
    std::string_view all_power_losses;  // every machine does, at one moment
    std::string_view reads;
};

/// "high", "medium", "low".
[[nodiscard]] std::string_view name_of(Level level);
/// Errors: an unknown name, with the known ones.
[[nodiscard]] Result<Level> parse_level(std::string_view name);
/// For a `choice` setting.
[[nodiscard]] std::vector<std::string> level_names();

[[nodiscard]] const LevelPromise& promise_of(Level level);
/// From the strongest to the weakest.
[[nodiscard]] std::span<const LevelPromise> level_promises();

/// All promises as a text of a few lines per level.
[[nodiscard]] std::string describe_levels();

}  // namespace ftcore
