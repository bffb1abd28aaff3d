// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/node.hpp"

#include <fmt/format.h>

#include "tests/simulation/world/draw.hpp"

namespace ftcore::simulation {

Glance glance_at(const Consensus& consensus) {
    return {.up = true,
            .role = consensus.role(),
            .term = consensus.term(),
            .leader = consensus.leader(),
            .serving = consensus.serving(),
            .commit = consensus.commit(),
            .last = consensus.last_index(),
            .snapshot = consensus.snapshot(),
            .lease_until = consensus.lease_until()};
}

Node::Node(NodeId id, Surroundings& world, Random random)
    : id_(id),
      world_(world),
      random_(random),
      disk_(world.plan().disk, world.plan().consensus.level),
      witness_(world.plan().consensus.members[id - 1].witness) {}

// ---- the machine

void Node::start() {
    ++incarnation_;
    // The machine booted some time ago; nothing that was read off its clock before counts any more.
    const Instant boot(between(random_, std::chrono::seconds(1), std::chrono::hours(1)));
    clock_ = Clock(boot, world_.plan().drifts[id_ - 1]);
    Disk::Start start = disk_.recover();
    if (!start.lie.empty()) return world_.broken("recovery reads what was written", start.lie);
    if (start.damaged) ++world_.counts()[Count::damage_found];
    must_reach_ = start.recovered.must_reach;
    world_.trace().note(world_.now(), id_, "start", start.recovered.entries.size(), must_reach_);
    machine_ = KeyValue();
    applied_ = 0;
    if (!disk_.snapshots().empty()) rebuild();
    ConsensusSettings settings = world_.plan().consensus;
    settings.self = id_;
    const Recovered recovered = start.recovered;
    const Instant now = clock_.at(world_.now());
    consensus_.emplace(std::move(settings),
                       std::move(start.recovered),
                       random_.fork("consensus", incarnation_),
                       now);
    glance_ = glance_at(*consensus_);
    observation_ = ftcore::observe(*consensus_);
    deadline_ = {};
    world_.started(id_, recovered, *consensus_);
    run([this](Instant at) {
        if (applied_ > 0) consensus_->applied(at, applied_);
    });
}

void Node::crash(CrashKind kind) {
    if (!up()) return;
    world_.trace().note(world_.now(), id_, "crash", kind == CrashKind::power_loss ? 1 : 0);
    consensus_.reset();
    glance_ = {};
    accepted_.clear();
    reads_.clear();
    looking_.clear();
    unconfirmed_.clear();
    waiting_.clear();
    paused_ = saving_snapshot_ = sync_planned_ = must_restart_ = false;
    const bool lost = disk_.crash(kind, random_, world_.counts());
    const Level level = world_.plan().consensus.level;
    if (level != Level::high && lost) world_.promise_weakened();
}

void Node::resume() {
    if (!paused_) return;
    paused_ = false;
    world_.trace().note(world_.now(), id_, "resume", waiting_.size());
    std::deque<Input> inputs = std::exchange(waiting_, {});
    const std::uint64_t incarnation = incarnation_;
    for (const Input& one : inputs) {
        if (!up() || incarnation != incarnation_) return;
        run(one);
    }
}

void Node::later(Duration delay, std::function<void()> action) {
    world_.at(world_.now() + delay, [this, incarnation = incarnation_, action = std::move(action)] {
        if (up() && incarnation == incarnation_) action();
    });
}

// ---- inputs

void Node::input(Input input) {
    if (!up()) return;
    if (paused_) {
        waiting_.push_back(std::move(input));
    } else {
        run(input);
    }
}

void Node::run(const Input& input) {
    input(clock_.at(world_.now()));
    settle();
    if (!must_restart_) return;
    crash(CrashKind::process);
    start();
}

void Node::receive(Message message) {
    input([this, message = std::move(message)](Instant now) mutable {
        consensus_->receive(now, std::move(message));
    });
}

void Node::write(std::uint64_t attempt, std::string command) {
    input([this, attempt, command = std::move(command)](Instant now) mutable {
        std::vector<Proposal> proposals;
        proposals.push_back({attempt, std::move(command)});
        consensus_->propose(now, std::move(proposals));
    });
}

void Node::read(std::uint64_t attempt, std::uint64_t key) {
    input([this, attempt, key](Instant now) {
        reads_[attempt] = key;
        world_.read_asked(attempt);
        consensus_->read(now, attempt);
    });
}

void Node::suspect(NodeId leader, Suspicion suspicion) {
    input([this, leader, suspicion](Instant now) { consensus_->suspect(now, leader, suspicion); });
}

void Node::reconnected(NodeId peer) {
    input([this, peer](Instant now) { consensus_->reconnected(now, peer); });
}

void Node::hand_over(Duration patience, NodeId to) {
    input([this, patience, to](Instant now) { consensus_->hand_over(now, patience, to); });
}

void Node::keep_lead() {
    input([this](Instant now) { consensus_->keep_lead(now); });
}

void Node::tick() {
    world_.trace().note(world_.now(), id_, "tick");
    deadline_ = {};  // or one that stays would never be due again
    run([this](Instant now) { consensus_->tick(now); });
}

std::optional<TrueTime> Node::timer() const {
    if (!up() || paused_) return std::nullopt;
    return timer_;
}

std::string Node::describe() const {
    if (!up()) return fmt::format("[{}] down", id_);
    constexpr std::array roles{"follower", "candidate", "leader"};
    return fmt::format(
        "[{}] {}{} of term {}, leader {}, commit {}, applied {}, last {}, snapshot {}{}{}{}",
        id_,
        roles[static_cast<std::size_t>(glance_.role)],
        glance_.serving ? ", serving," : "",
        glance_.term,
        glance_.leader,
        glance_.commit,
        applied_,
        glance_.last,
        glance_.snapshot.index,
        disk_.failed() ? ", disk failed" : "",
        paused_ ? ", paused" : "",
        must_reach_ > glance_.last ? ", damaged" : "");
}

}  // namespace ftcore::simulation
