// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ftcore::simulation {

/// What happened in a world, so that one sees that the faults really occur.
enum class Count : std::uint8_t {
    events,
    messages,
    messages_lost,
    messages_doubled,
    messages_held,
    resets,
    partitions,
    flaps,
    standing_cuts,
    process_crashes,
    power_losses,
    bytes_lost,
    torn_tails,
    restarts,
    pauses,
    flips,
    damage_found,
    disk_failures,
    disk_repairs,
    slow_disks,
    suspicions,
    false_suspicions,
    hand_overs,
    elections,
    snapshots_taken,
    snapshots_received,
    rebuilds,
    writes_ok,
    exchanges_ok,
    reads_ok,
    operations_refused,
    operations_unknown,
    weakened,
    undecided_histories,
    all
};
constexpr auto count_kinds = static_cast<std::size_t>(Count::all);

constexpr std::array<std::string_view, count_kinds> count_names{"events",
                                                                "messages",
                                                                "lost",
                                                                "doubled",
                                                                "held back",
                                                                "resets",
                                                                "partitions",
                                                                "flaps",
                                                                "standing cuts",
                                                                "process crashes",
                                                                "power losses",
                                                                "bytes lost",
                                                                "torn tails",
                                                                "restarts",
                                                                "pauses",
                                                                "flips",
                                                                "damage found",
                                                                "disk failures",
                                                                "disk repairs",
                                                                "slow disks",
                                                                "suspicions",
                                                                "false suspicions",
                                                                "hand-overs",
                                                                "elections",
                                                                "snapshots taken",
                                                                "snapshots received",
                                                                "rebuilds",
                                                                "writes",
                                                                "exchanges",
                                                                "reads",
                                                                "refused",
                                                                "unknown",
                                                                "weakened promises",
                                                                "undecided histories"};

class Counts {
  public:
    std::uint64_t& operator[](Count count) { return values_[static_cast<std::size_t>(count)]; }
    std::uint64_t operator[](Count count) const { return values_[static_cast<std::size_t>(count)]; }
    void add(const Counts& other) {
        for (std::size_t kind = 0; kind < count_kinds; ++kind)
            values_[kind] += other.values_[kind];
    }

  private:
    std::array<std::uint64_t, count_kinds> values_{};
};

}  // namespace ftcore::simulation
