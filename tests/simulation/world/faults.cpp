// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/faults.hpp"

#include <cmath>

#include "tests/simulation/world/draw.hpp"

namespace ftcore::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr double aimed_steps_max = 60;

}  // namespace

Faults::Faults(Surroundings& world,
               std::vector<std::unique_ptr<Node>>& nodes,
               Network& network,
               Random random)
    : world_(world),
      nodes_(nodes),
      network_(network),
      random_(random),
      plan_(world.plan().faults),
      aims_(world.plan().consensus.members.size()) {}

void Faults::begin() {
    every(plan_.process_crash, &Faults::crash_one);
    every(plan_.power_loss, &Faults::lose_power);
    every(plan_.blackout, &Faults::black_out);
    every(plan_.damage, &Faults::damage);
    every(plan_.partition, &Faults::cut_off);
    every(plan_.flapping, &Faults::flap);
    every(plan_.reset, &Faults::reset_connection);
    every(plan_.pause, &Faults::pause_one);
    every(plan_.disk_failure, &Faults::fail_disk);
    every(plan_.slow_disk, &Faults::slow_disk);
    every(plan_.suspicion, &Faults::suspect);
    every(plan_.hand_over, &Faults::hand_over);
}

void Faults::every(Duration mean, Fault fault) {
    if (mean == Duration{}) return;
    later(around(random_, mean), [this, mean, fault] {
        (this->*fault)();
        every(mean, fault);
    });
}

void Faults::later(Duration delay, std::function<void()> action) {
    world_.at(world_.now() + delay, [this, action = std::move(action)] {
        if (!quiet_) action();
    });
}

void Faults::elected(NodeId id) {
    if (quiet_ || !chance(random_, plan_.aimed)) return;
    const std::size_t what = any_of(random_, 6);
    if (chance(random_, 0.5)) {
        const double steps = std::exp(random_.uniform() * std::log(aimed_steps_max));
        aims_[id - 1] = {static_cast<std::uint64_t>(steps), what};
    } else {
        later(any_magnitude(random_, microseconds(100), milliseconds(300)),
              [this, id, what] { strike(id, what); });
    }
}

void Faults::stepped(NodeId id) {
    Aim& aim = aims_[id - 1];
    if (quiet_ || aim.steps == 0 || --aim.steps > 0) return;
    later({}, [this, id, what = aim.what] { strike(id, what); });
}

void Faults::strike(NodeId id, std::size_t what) {
    switch (what) {
        case 0:
        case 1:
            return crash(node(id), CrashKind::process);
        case 2:
            if (plan_.power_loss == Duration{}) return crash(node(id), CrashKind::process);
            return crash(node(id), CrashKind::power_loss);
        case 3:
            return partition(id);
        case 4:
            return pause(node(id));
        default:
            return node(id).hand_over(milliseconds(100));
    }
}

// ---- crashes

void Faults::crash(Node& node, CrashKind kind) {
    if (!node.up()) return;
    ++world_.counts()[kind == CrashKind::process ? Count::process_crashes : Count::power_losses];
    node.crash(kind);
    for (const auto& other : nodes_) {
        if (other->id() != node.id()) network_.reset(node.id(), other->id());
    }
    if (kind == CrashKind::process && chance(random_, plan_.crash_noticed)) notice_crash(node.id());
    restart_later(node);
}

void Faults::notice_crash(NodeId crashed) {
    for (const auto& other : nodes_) {
        if (other->id() == crashed || !network_.open(crashed, other->id())) continue;
        const Duration delay = any_magnitude(random_, microseconds(100), milliseconds(50));
        later(delay, [this, &watcher = *other, crashed] {
            ++world_.counts()[Count::suspicions];
            watcher.suspect(crashed, Suspicion::confirmed);
        });
    }
}

void Faults::restart_later(Node& node) {
    later(any_magnitude(random_, milliseconds(2), plan_.down_max), [this, &node] {
        if (node.up()) return;
        ++world_.counts()[Count::restarts];
        node.start();
        for (const auto& other : nodes_) {
            if (other->id() != node.id()) reset(node.id(), other->id());
        }
    });
}

void Faults::crash_one() {
    const NodeId leading = leader();
    const bool aim = leading != nobody && chance(random_, 0.5);
    crash(aim ? node(leading) : any_node(), CrashKind::process);
}

void Faults::lose_power() {
    crash(any_node(), CrashKind::power_loss);
}

void Faults::black_out() {
    for (const auto& node : nodes_)
        crash(*node, CrashKind::power_loss);
}

/// A minority of the nodes may be damaged at a time. A flip in the log shows when it is read, so
/// the node is started anew soon.
void Faults::damage() {
    Node& victim = any_node();
    std::size_t damaged = 0;
    for (const auto& node : nodes_)
        damaged += node->damaged() && node.get() != &victim;
    if (damaged + 1 > (nodes_.size() - 1) / 2) return;
    if (!victim.disk().flip(random_)) return;
    ++world_.counts()[Count::flips];
    world_.trace().note(world_.now(), victim.id(), "flip");
    victim.mark_damaged();
    crash(victim, CrashKind::process);
}

// ---- processes and disks

void Faults::pause(Node& node) {
    if (!node.up() || node.paused()) return;
    ++world_.counts()[Count::pauses];
    world_.trace().note(world_.now(), node.id(), "pause");
    node.pause();
    later(any_magnitude(random_, milliseconds(5), plan_.pause_max), [&node] { node.resume(); });
}

void Faults::pause_one() {
    const NodeId leading = leader();
    pause(leading != nobody && chance(random_, 0.5) ? node(leading) : any_node());
}

void Faults::fail_disk() {
    Node& victim = any_node();
    victim.fail_disk();
    later(any_magnitude(random_, milliseconds(10), seconds(3)),
          [&victim] { victim.repair_disk(); });
}

void Faults::slow_disk() {
    ++world_.counts()[Count::slow_disks];
    Node& victim = any_node();
    victim.slow_disk(static_cast<std::int64_t>(2 + random_.below(100)));
    later(any_magnitude(random_, milliseconds(50), seconds(5)), [&victim] { victim.slow_disk(1); });
}

/// Detectors err: in most worlds these suspicions are false.
void Faults::suspect() {
    Node& watcher = any_node();
    const NodeId suspected = watcher.glance().leader;
    if (!watcher.up() || suspected == nobody || suspected == watcher.id()) return;
    ++world_.counts()[node(suspected).up() ? Count::false_suspicions : Count::suspicions];
    world_.trace().note(world_.now(), watcher.id(), "suspect", suspected);
    watcher.suspect(suspected, chance(random_, 0.5) ? Suspicion::confirmed : Suspicion::suspected);
}

void Faults::hand_over() {
    const NodeId leading = leader();
    if (leading == nobody) return;
    ++world_.counts()[Count::hand_overs];
    world_.trace().note(world_.now(), leading, "hand over");
    const NodeId to = chance(random_, 0.3) ? any_node().id() : nobody;
    node(leading).hand_over(any_magnitude(random_, milliseconds(1), seconds(1)), to);
    if (!chance(random_, 0.2)) return;
    later(any_magnitude(random_, microseconds(100), milliseconds(100)),
          [this, leading] { node(leading).keep_lead(); });
}

Node& Faults::any_node() {
    return *nodes_[any_of(random_, nodes_.size())];
}

NodeId Faults::leader() const {
    NodeId leading = nobody;
    Term term = 0;
    for (const auto& node : nodes_) {
        if (!node->up() || node->glance().role != Role::leader || node->glance().term < term)
            continue;
        leading = node->id();
        term = node->glance().term;
    }
    return leading;
}

void Faults::heal_all() {
    quiet_ = true;
    network_.calm();
    world_.healed();
    for (const auto& node : nodes_) {
        node->slow_disk(0);  // nobody should wait for a disk now
        node->resume();
        if (!node->up()) node->start();
        if (node->up()) node->repair_disk();
    }
    for (const auto& one : nodes_) {
        for (const auto& other : nodes_) {
            if (one != other && one->up()) one->reconnected(other->id());
        }
    }
    stand();
}

}  // namespace ftcore::simulation
