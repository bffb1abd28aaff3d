// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "targets/metronome/settings.hpp"

namespace metronome {

/// What the metronome is at this moment: written by Failure and Pair, read by whoever answers.
struct State {
    bool ready = false;    // it has reached its place; before, clients are told to wait
    bool leads = true;     // single, or the primary of a pair
    bool follows = false;  // in step with a primary
    std::optional<FailureKind> failing{};  // how data requests go wrong right now
    bool detected = false;                 // the failure going on has been announced

    std::uint64_t writes = 0;        // carried out here, also those replicated to here
    std::uint64_t acknowledged = 0;  // writes whose reply was handed out
    static constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t safe_writes = everything;  // replies that depend on later writes wait
};

/// "master", "slave" as in Redis, or "failed" once a failure has been announced.
[[nodiscard]] inline std::string_view role_of(const State& state) {
    if (state.failing && state.detected) return "failed";
    return state.leads ? "master" : "slave";
}

}  // namespace metronome
