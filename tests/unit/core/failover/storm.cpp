// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/failover/storm.hpp"

namespace ftcore {

using std::chrono::milliseconds;

Group::Options storm_options(std::uint64_t seed, const Storm& kind) {
    return {.count = kind.count,
            .witnesses = kind.witnesses,
            .level = kind.level,
            .seed = seed,
            .jitter = milliseconds(seed % 3),
            .disk = std::chrono::microseconds(seed % 2 == 0 ? 500 : 5000),
            .loss = 0.01 * static_cast<double>(seed % 4),
            .adjust = [seed](ConsensusSettings& settings) {
                settings.entries_kept = seed % 5;
                settings.append_bytes_max = seed % 2 == 0 ? 100 : 1 << 20;
                settings.appends_in_flight = 1 + static_cast<int>(seed % 7);
            }};
}

void storm(Group& group, int steps, bool power) {
    const auto pick = [&] { return static_cast<NodeId>(group.random().below(group.count()) + 1); };
    for (int step = 0; step < steps && group.broken.empty(); ++step) {
        group.run_for(milliseconds(group.random().below(30)));
        const NodeId id = pick();
        const bool up = group.node(id).consensus != nullptr;
        switch (group.random().below(16)) {
            case 0:
                if (up) group.crash(id, power && group.random().below(2) == 0);
                break;
            case 1:
            case 2:
                for (NodeId each = 1; each <= group.count(); ++each) {
                    if (!group.node(each).consensus) group.restart(each);
                }
                break;
            case 3:
                group.isolate(id, true);
                break;
            case 4:
            case 5:
                for (NodeId each = 1; each <= group.count(); ++each)
                    group.isolate(each, false);
                break;
            case 6:
                if (up) group.pause(id, true);
                break;
            case 7:
                for (NodeId each = 1; each <= group.count(); ++each)
                    group.pause(each, false);
                break;
            case 8:
                group.take_snapshot(id);
                break;
            case 9:
                if (up) group.hand_over(id, milliseconds(50));
                break;
            case 10:
                if (up && !group.node(id).disk_stuck) group.fail_disk(id);
                break;
            case 11:
            case 12:
                for (NodeId each = 1; each <= group.count(); ++each) {
                    if (group.node(each).disk_stuck) group.repair_disk(each);
                }
                break;
            case 13:
                if (up) {
                    group.suspect_everywhere(
                        group[id].leader(),
                        group.random().below(2) == 0 ? Suspicion::suspected : Suspicion::confirmed);
                }
                break;
            default:
                break;
        }
        for (NodeId each = 1; each <= group.count(); ++each) {
            if (!group.node(each).consensus || group.node(each).paused) continue;
            group.propose_many(each, group.random().below(4));
            if (group.random().below(2) == 0) static_cast<void>(group.read(each));
        }
    }
}

Group::Options election_storm_options(std::uint64_t seed) {
    return {.seed = seed,
            .jitter = milliseconds(1),
            .disk = milliseconds(2),
            .adjust = [seed](ConsensusSettings& settings) {
                settings.heartbeat = milliseconds(2);
                settings.election_timeout = milliseconds(8);
                settings.lease = milliseconds(2);
                settings.append_bytes_max = 40;
                settings.appends_in_flight = 1 + static_cast<int>(seed % 2);
            }};
}

void election_storm(Group& group, int steps) {
    const auto pick = [&] { return static_cast<NodeId>(group.random().below(group.count()) + 1); };
    for (int step = 0; step < steps && group.broken.empty(); ++step) {
        group.run_for(std::chrono::microseconds(group.random().below(8000)));
        const NodeId id = pick();
        switch (group.random().below(6)) {
            case 0:
            case 1:
                group.crash(id, true);
                group.restart(id);
                break;
            case 2:
                group.cut(id, pick(), true);
                break;
            case 3:
            case 4:
                group.isolate(id, false);
                break;
            default:
                break;
        }
        for (NodeId each = 1; each <= group.count(); ++each) {
            group.suspect(each, group[each].leader(), Suspicion::confirmed);
        }
        group.propose_many(id, group.random().below(2));
    }
}

void partition_storm(Group& group) {
    if (!group.elect()) return;
    const NodeId old = group.serving();
    group.run_for(milliseconds(50));
    group.isolate(old, true);
    for (NodeId id = 1; id <= group.count(); ++id) {
        if (id != old) group.suspect(id, old, Suspicion::confirmed);
    }
    for (int step = 0; step < 400; ++step) {
        group.run_for(std::chrono::microseconds(100));
        for (NodeId id = 1; id <= group.count(); ++id) {
            static_cast<void>(group.read(id));
            if (group[id].serving()) group.propose_many(id, 1);
        }
    }
}

void calm(Group& group) {
    for (NodeId each = 1; each <= group.count(); ++each) {
        group.pause(each, false);
        group.isolate(each, false);
        if (group.node(each).consensus && group.node(each).disk_stuck) group.repair_disk(each);
        if (!group.node(each).consensus) group.restart(each);
    }
}

}  // namespace ftcore
