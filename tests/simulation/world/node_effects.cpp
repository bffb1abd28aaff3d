// SPDX-License-Identifier: Apache-2.0
// What the consensus asks for, carried out as a runtime does.
#include <fmt/format.h>

#include "tests/simulation/world/draw.hpp"
#include "tests/simulation/world/node.hpp"

namespace ftcore::simulation {

using std::chrono::microseconds;

void Node::settle() {
    // Carrying out effects may cause more of them, but each round applies entries or answers.
    constexpr int rounds_max = 100;
    for (int round = 0; round < rounds_max && up(); ++round) {
        Effects effects = consensus_->take_effects();
        observe(effects);
        if (effects.empty()) return set_timer();
        const Index before = applied_;
        carry_out(effects);
        if (must_restart_) return;
        if (applied_ != before || effects.rebuild) {
            consensus_->applied(clock_.at(world_.now()), applied_);
        }
    }
    world_.broken("effects come to an end", fmt::format("node {} goes on without inputs", id_));
}

void Node::observe(const Effects& effects) {
    const Glance after = glance_at(*consensus_);
    if (world_.plan().look_inside) {
        if (const auto wrong = broken_invariant(observation_, *consensus_)) {
            world_.broken("invariants of one server", fmt::format("node {}: {}", id_, *wrong));
        }
        observation_ = ftcore::observe(*consensus_);
    }
    world_.stepped({id_, glance_, after, effects, *consensus_});
    if (damaged_ && disk_.synced().last() >= must_reach_) damaged_ = false;
    glance_ = after;
}

void Node::carry_out(Effects& effects) {
    if (!effects.storage.empty()) disk_.submit(std::move(effects.storage));
    work_disk();
    for (Message& message : effects.messages)
        world_.send(std::move(message));
    for (const Answer& one : effects.answers)
        answer(one);
    if (effects.rebuild) {
        ++world_.counts()[Count::rebuilds];
        rebuild();
    }
    if (effects.apply_to && !must_restart_) apply_to(*effects.apply_to);
    confirm_applied();
    answer_reads();
    for (const SnapshotWanted& wanted : effects.snapshots_wanted)
        send_piece(wanted);
    consider_snapshot();
}

void Node::answer(const Answer& answer) {
    using Kind = Answer::Kind;
    Reply reply{.attempt = answer.token, .leader = glance_.leader};
    switch (answer.kind) {
        case Kind::accepted:
            accepted_[answer.index] = {answer.token, answer.term};
            return;
        case Kind::dropped:
            reply.kind = answer.index == 0 ? Reply::Kind::refused : Reply::Kind::unknown;
            if (answer.index != 0) accepted_.erase(answer.index);
            break;
        case Kind::not_leader:
            reply.kind = Reply::Kind::refused;
            break;
        case Kind::readable: {
            const auto read = reads_.find(answer.token);
            if (read == reads_.end()) {
                return world_.broken(
                    "answers are asked for",
                    fmt::format("node {} answers token {} twice", id_, answer.token));
            }
            world_.readable(id_, answer.token, answer.index);
            looking_.push_back({answer.token, read->second, answer.index});
            reads_.erase(read);
            return;
        }
    }
    reads_.erase(answer.token);
    world_.reply(id_, reply);
}

void Node::rebuild() {
    const SnapshotFiles& files = disk_.snapshots();
    if (files.damaged()) {  // found when it is read; a start deals with it
        must_restart_ = true;
        return;
    }
    machine_.restore_begin();
    applied_ = 0;
    unconfirmed_.clear();
    // One that is being saved may hold what is no longer agreed.
    saving_snapshot_ = false;
    ++snapshots_given_up_;
    if (files.empty()) return;
    const Result<> piece = machine_.restore_piece(files.newest_data());
    const Result<> end = machine_.restore_end();
    if (!piece || (!end && !witness_)) {
        world_.broken("snapshots are whole", fmt::format("node {}: {}", id_, end.error().message));
    }
    applied_ = files.newest().index;
}

void Node::apply_to(Index index) {
    while (applied_ < index) {
        const Entry& entry = consensus_->entry(++applied_);
        if (witness_) continue;
        std::string reply;
        if (entry.kind == EntryKind::command) reply = machine_.apply(entry.data);
        unconfirmed_.push_back({entry, machine_.digest()});
        const auto accepted = accepted_.find(applied_);
        if (accepted == accepted_.end()) continue;
        // Otherwise the outside would take another one's entry for its own: it should have been
        // dropped.
        if (accepted->second.term != entry.term) {
            world_.broken(
                "what was accepted is carried out or dropped",
                fmt::format("node {} accepted try {} as entry {} of term {}, and it is of term {}",
                            id_,
                            accepted->second.attempt,
                            applied_,
                            accepted->second.term,
                            entry.term));
        }
        world_.acknowledged(applied_);
        world_.reply(id_,
                     {.kind = Reply::Kind::done,
                      .attempt = accepted->second.attempt,
                      .result = decode_applied(reply),
                      .leader = glance_.leader});
        accepted_.erase(accepted);
    }
}

void Node::confirm_applied() {
    while (!unconfirmed_.empty() && unconfirmed_.front().entry.index <= glance_.commit) {
        world_.applied(id_, unconfirmed_.front().entry, unconfirmed_.front().digest);
        unconfirmed_.pop_front();
    }
}

void Node::answer_reads() {
    std::erase_if(looking_, [this](const Looking& looking) {
        if (looking.index > applied_) return false;
        world_.reply(id_,
                     {.kind = Reply::Kind::done,
                      .attempt = looking.attempt,
                      .result = {.before = machine_.read(looking.key), .done = true},
                      .leader = glance_.leader});
        return true;
    });
}

void Node::set_timer() {
    const Instant deadline = consensus_->deadline();
    if (deadline == deadline_) return;
    deadline_ = deadline;
    const Instant now = clock_.at(world_.now());
    // "Never" is far away, and cannot be reckoned with.
    const TrueTime due = clock_.when(std::min(deadline, now + 2 * world_.plan().length));
    timer_ = std::max(due, world_.now() + microseconds(1));
    const Duration lateness = world_.plan().timer_lateness;
    if (lateness > Duration{}) timer_ += between(random_, {}, lateness);
}

}  // namespace ftcore::simulation
