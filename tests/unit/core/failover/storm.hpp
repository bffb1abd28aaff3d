// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/core/failover/group.hpp"

namespace ftcore {

/// What kind of group is put into a storm.
struct Storm {
    std::size_t count = 3;
    std::size_t witnesses = 0;
    Level level = Level::high;
    bool power = true;  // crashes may take what was not synced
};

/// Limits that grow and shrink with the seed, so that all of them are met.
[[nodiscard]] Group::Options storm_options(std::uint64_t seed, const Storm& kind);

/// Lossy links, failing disks, crashes, power losses, hangs, partitions, snapshots, hand-overs and
/// suspicions at random, under load; the group itself checks agreement, durability and reads.
void storm(Group& group, int steps, bool power);

/// The same with short timeouts and a slow disk.
[[nodiscard]] Group::Options election_storm_options(std::uint64_t seed);

/// Elections without end, and power losses in the middle of them.
void election_storm(Group& group, int steps);

/// The leader is cut off and replaced while everybody is asked to read and write.
void partition_storm(Group& group);

/// Everything is mended, everybody runs.
void calm(Group& group);

}  // namespace ftcore
