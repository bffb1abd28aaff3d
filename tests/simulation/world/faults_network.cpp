// SPDX-License-Identifier: Apache-2.0
// Partitions and broken connections.
#include <algorithm>

#include "tests/simulation/world/draw.hpp"
#include "tests/simulation/world/faults.hpp"

namespace ftcore::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

void Faults::cut_off() {
    partition(static_cast<NodeId>(1 + any_of(random_, nodes_.size())));
}

void Faults::cut(NodeId centre) {
    const std::size_t count = nodes_.size();
    Cut what{.shape = static_cast<Shape>(any_of(random_, shape_count)), .centre = centre};
    what.side.resize(count + 1);
    for (NodeId id = 1; id <= count; ++id)
        what.side[id] = chance(random_, 0.5);
    world_.trace().note(world_.now(), centre, "partition", static_cast<std::uint64_t>(what.shape));
    close_ways(what);
    notice_cuts();
}

void Faults::close_ways(const Cut& what) {
    const auto count = static_cast<NodeId>(nodes_.size());
    const bool holds = chance(random_, world_.plan().network.holding);
    for (NodeId from = 1; from <= count; ++from) {
        for (NodeId to = 1; to <= count; ++to) {
            if (from != to && what.closes(count, from, to))
                network_.cut(from, to, {.holds = holds});
        }
    }
}

void Faults::open_ways() {
    world_.trace().note(world_.now(), nobody, "heal");
    network_.heal();
    world_.healed();
}

void Faults::partition(NodeId centre) {
    if (nodes_.size() == 1) return;
    ++world_.counts()[Count::partitions];
    cut(centre);
    later(any_magnitude(random_, milliseconds(20), plan_.partition_max), [this] {
        open_ways();
        if (chance(random_, 0.5)) return;
        for (NodeId a = 1; a <= nodes_.size(); ++a) {
            for (NodeId b = a + 1; b <= nodes_.size(); ++b)
                reset(a, b);
        }
    });
}

/// One cut after the other: whoever is in the majority is not for long.
void Faults::flap() {
    if (nodes_.size() == 1) return;
    constexpr std::size_t flaps_max = 25;
    ++world_.counts()[Count::flaps];
    flap_on(2 + any_of(random_, flaps_max));
}

void Faults::flap_on(std::size_t left) {
    open_ways();
    if (left == 0) return;
    cut(any_node().id());
    later(plan_.flap_period, [this, left] { flap_on(left - 1); });
}

/// With a witness, or after damage, the majority that is left may be unable to know what was
/// agreed; then the group rightly waits.
void Faults::stand() {
    const auto unsure = [](const auto& node) { return node->damaged(); };
    const bool witness = world_.plan().consensus.members.back().witness;
    if (!plan_.standing_cut || nodes_.size() == 1 || witness || std::ranges::any_of(nodes_, unsure))
        return;
    standing_ = Cut{.shape = static_cast<Shape>(any_of(random_, majority_shape_count)),
                    .centre = any_node().id()};
    ++world_.counts()[Count::standing_cuts];
    world_.trace().note(world_.now(),
                        standing_->centre,
                        "standing cut",
                        static_cast<std::uint64_t>(standing_->shape));
    close_ways(*standing_);
    if (chance(random_, 0.5)) flap_standing();
}

/// Whoever loses its leader takes the cut for a death, each time anew.
void Faults::flap_standing() {
    world_.at(world_.now() + plan_.flap_period, [this] {
        open_ways();
        const bool ends = world_.now() > world_.plan().length - world_.plan().quiet / 4;
        world_.at(world_.now() + (ends ? Duration{} : plan_.flap_period), [this, ends] {
            close_ways(*standing_);
            if (ends) return;
            for (const auto& watcher : nodes_) {
                const NodeId leading = watcher->glance().leader;
                if (!watcher->up() || leading == nobody) continue;
                if (world_.linked(leading, watcher->id())) continue;
                ++world_.counts()[Count::false_suspicions];
                watcher->suspect(leading, Suspicion::confirmed);
            }
            flap_standing();
        });
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
