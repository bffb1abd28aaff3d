// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/level.hpp"

#include <array>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"

namespace ftcore {
namespace {

constexpr std::array promises{
    LevelPromise{
        .level = Level::high,
        .name = "high",
        .acknowledged = "when a quorum has it on disk",
        .one_crash = "nothing",
        .all_crashes = "nothing",
        .one_power_loss = "nothing",
        .all_power_losses = "nothing, while a majority of the disks survives",
        .reads = "linearisable",
    },
    LevelPromise{
        .level = Level::medium,
        .name = "medium",
        .acknowledged =
            "when a quorum has it in memory (the page cache, which survives the process)",
        .one_crash = "nothing",
        .all_crashes = "nothing",
        .one_power_loss =
            "nothing while the other nodes that hold it keep running and are a quorum; "
            "otherwise what was acknowledged within the last sync period",
        .all_power_losses = "what was acknowledged within the last sync period",
        .reads = "linearisable, up to a power loss that costs writes",
    },
    LevelPromise{
        .level = Level::low,
        .name = "low",
        .acknowledged = "when the primary has it in memory",
        .one_crash = "what a crashed primary had not yet passed on to a quorum",
        .all_crashes = "what the primary had not yet passed on to a quorum",
        .one_power_loss = "what the primary had not yet passed on to a quorum, and what was "
                          "acknowledged within the last sync period",
        .all_power_losses = "what the primary had not yet passed on to a quorum, and what was "
                            "acknowledged within the last sync period",
        .reads = "linearisable, except that a write that is lost later may be seen before",
    },
};

}  // namespace

std::string_view name_of(Level level) {
    return promise_of(level).name;
}

Result<Level> parse_level(std::string_view name) {
    for (const LevelPromise& promise : promises) {
        if (promise.name == name) return promise.level;
    }
    return faultline::fail(
        fmt::format("unknown level \"{}\"{}", name, faultline::suggestion(name, level_names())),
        faultline::ErrorCode::invalid);
}

std::vector<std::string> level_names() {
    std::vector<std::string> names;
    for (const LevelPromise& promise : promises)
        names.emplace_back(promise.name);
    return names;
}

const LevelPromise& promise_of(Level level) {
    switch (level) {
        case Level::high:
            return promises[0];
        case Level::medium:
            return promises[1];
        case Level::low:
            break;
    }
    return promises[2];
}

std::span<const LevelPromise> level_promises() {
    return promises;
}

std::string describe_levels() {
    std::string text;
    for (const LevelPromise& promise : promises) {
        text +=
            fmt::format("{}: a write is acknowledged {}.\n", promise.name, promise.acknowledged);
        text += fmt::format("  lost by one crash:        {}\n", promise.one_crash);
        text += fmt::format("  lost by all crashes:      {}\n", promise.all_crashes);
        text += fmt::format("  lost by one power loss:   {}\n", promise.one_power_loss);
        text += fmt::format("  lost by all power losses: {}\n", promise.all_power_losses);
        text += fmt::format("  reads:                    {}\n", promise.reads);
    }
    return text;
}

}  // namespace ftcore
