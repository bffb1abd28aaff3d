// SPDX-License-Identifier: Apache-2.0
// Partitions and broken connections.
#include "tests/simulation/world/draw.hpp"
#include "tests/simulation/world/faults.hpp"

namespace ftcore::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

void Faults::cut_off() {
    partition(static_cast<NodeId>(1 + any_of(random_, nodes_.size())));
}

void Faults::partition(NodeId centre) {
    const auto count = static_cast<NodeId>(nodes_.size());
    if (count == 1) return;
    ++world_.counts()[Count::partitions];
    const std::size_t shape = any_of(random_, 6);
    world_.trace().note(world_.now(), centre, "partition", shape);
    std::vector<bool> side(count + 1);
    for (NodeId id = 1; id <= count; ++id)
        side[id] = chance(random_, 0.5);
    for (NodeId from = 1; from <= count; ++from) {
        for (NodeId to = 1; to <= count; ++to) {
            const bool next = to % count + 1 == from || from % count + 1 == to;
            bool closed = false;
            switch (shape) {
                case 0:  // nobody hears it
                    closed = from == centre;
                    break;
                case 1:  // it hears nobody
                    closed = to == centre;
                    break;
                case 2:  // two parts
                    closed = side[from] != side[to];
                    break;
                case 3:  // a ring; of three nodes one link is missing
                    closed = count == 3 ? (from != centre && to != centre) : !next;
                    break;
                case 4:  // one link, one way
                    closed = from == centre && to == centre % count + 1;
                    break;
                default:  // alone
                    closed = (from == centre) != (to == centre);
                    break;
            }
            if (closed) network_.cut(from, to);
        }
    }
    notice_cuts();
    later(any_magnitude(random_, milliseconds(20), plan_.partition_max), [this] {
        world_.trace().note(world_.now(), nobody, "heal");
        network_.heal();
        if (chance(random_, 0.5)) return;
        for (NodeId a = 1; a <= nodes_.size(); ++a) {
            for (NodeId b = a + 1; b <= nodes_.size(); ++b)
                reset(a, b);
        }
    });
}

/// Detectors are quicker than election timeouts, and take a cut for a death now and then.
void Faults::notice_cuts() {
    for (const auto& watcher : nodes_) {
        const NodeId leading = watcher->glance().leader;
        if (!watcher->up() || leading == nobody || network_.open(leading, watcher->id())) continue;
        if (!chance(random_, plan_.crash_noticed)) continue;
        const Suspicion suspicion =
            chance(random_, 0.3) ? Suspicion::confirmed : Suspicion::suspected;
        later(any_magnitude(random_, milliseconds(1), milliseconds(50)),
              [this, &watching = *watcher, leading, suspicion] {
                  ++world_.counts()[Count::false_suspicions];
                  watching.suspect(leading, suspicion);
              });
    }
}

void Faults::reset(NodeId a, NodeId b) {
    if (a == b) return;
    ++world_.counts()[Count::resets];
    network_.reset(a, b);
    if (!network_.open(a, b) || !network_.open(b, a)) return;
    for (const auto& [one, other] : {std::pair{a, b}, std::pair{b, a}}) {
        later(any_magnitude(random_, microseconds(100), milliseconds(20)),
              [this, one, other] { node(one).reconnected(other); });
    }
}

void Faults::reset_connection() {
    reset(any_node().id(), any_node().id());
}

}  // namespace ftcore::simulation
