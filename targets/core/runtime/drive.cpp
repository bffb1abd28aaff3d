// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "faultline/failpoint.hpp"
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

namespace asio = boost::asio;
using faultline::in_context;
using faultline::now;

namespace {

/// Effects may cause inputs that cause effects; more rounds than this are a bug, not work.
constexpr int rounds_max = 1000;
/// Applying a long log must not silence the node: it goes on in the next turn.
constexpr Index apply_count_max = 2000;
constexpr std::size_t snapshot_piece_bytes = std::size_t{512} << 10;
/// A timer this much late says that this process, not a peer, was away.
constexpr Duration lag_notable = std::chrono::milliseconds(2);
/// How often the pipeline is told what this process uses.
constexpr Duration resources_period = std::chrono::seconds(1);

}  // namespace

void Node::State::ask_for_turn() {
    if (turn_asked) return;
    turn_asked = true;
    asio::post(loop, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->turn();
    });
}

void Node::State::turn() {
    turn_asked = false;
    // A delay here is a node that hangs; the place has no result that an error could change.
    static_cast<void>(FL_FAILPOINT("node.turn"));
    const Instant t = now();
    if (!proposals.empty()) consensus->propose(t, std::exchange(proposals, {}));
    run_pipeline(t);
    for (int round = 0;; ++round) {
        Effects effects = consensus->take_effects();
        if (effects.empty()) break;
        FL_CHECK_OP(<, round, rounds_max);
        carry_out(std::move(effects));
    }
    // What consensus has just become may be what the pipeline waits for.
    run_pipeline(t);
    if (Effects effects = consensus->take_effects(); !effects.empty()) {
        carry_out(std::move(effects));
        ask_for_turn();
    }
    for (auto& [peer, frame] : outbox) {
        if (!frame.messages.empty()) links.at(peer)->send(frame);
    }
    outbox.clear();
    for (const auto& [peer, link] : links)
        link->flush();
    for (const auto& settled : requests.take_settled()) {
        ++operations;
        pipeline->signal(t, signal::Operation{settled.latency, settled.outcome});
    }
    maybe_snapshot();
    settle_hand_over();
    release_held();
    settle_stop();
    arm_timer();
}

void Node::State::carry_out(Effects effects) {
    for (const StorageWork& work : effects.storage)
        unsynced.submitted(work);
    if (storage_ok && !effects.storage.empty()) storage->submit(std::move(effects.storage));
    for (Message& message : effects.messages) {
        outbox[message.to].messages.push_back(std::move(message));
    }
    // Before anything is applied: an entry must find who waits for it, and must not find whom
    // another leader's entry has pushed out.
    for (const Answer& answer : effects.answers)
        requests.answer(answer, applied);
    if (effects.rebuild) {
        if (const auto rebuilt = rebuild(); !rebuilt) return fatal(rebuilt.error().message);
    }
    if (effects.apply_to && !isolated) {
        apply_target = *effects.apply_to;
        apply_some();
    }
    for (const SnapshotWanted& wanted : effects.snapshots_wanted) {
        storage->read_snapshot(wanted.to, wanted.offset, snapshot_piece_bytes);
    }
    if (effects.role_changed || effects.serving_changed) role_changed();
}

Result<> Node::State::rebuild() {
    abandon_snapshot();  // of a state that is no more
    const SnapshotMark mark = consensus->snapshot();
    applied = mark.index;
    apply_target = mark.index;
    if (!am_witness()) {
        machine.restore_begin();
        Result<> restored;
        if (mark.index != 0) {
            restored = storage->load_snapshot(
                mark, [this](std::string_view piece) { return machine.restore_piece(piece); });
        }
        if (restored) restored = machine.restore_end();
        if (!restored) {
            return in_context(
                fmt::format("the snapshot up to index {} cannot be loaded", mark.index),
                std::move(restored).error());
        }
    }
    tell({.at = now(), .name = "restored", .fields = {{"index", std::to_string(mark.index)}}});
    consensus->applied(now(), applied);
    return {};
}

void Node::State::apply_some() {
    const Instant t = now();
    const Index end = std::min(apply_target, applied + apply_count_max);
    while (applied < end) {
        const Entry& entry = consensus->entry(applied + 1);
        std::string reply;
        if (entry.kind == EntryKind::command && !am_witness()) reply = machine.apply(entry.data);
        ++applied;
        requests.applied(t, entry, reply);
    }
    requests.reached(applied);
    consensus->applied(t, applied);
    if (applied < apply_target) {
        asio::post(loop, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self || self->isolated) return;
            self->apply_some();
            self->ask_for_turn();
        });
    }
}

void Node::State::role_changed() {
    const bool leads = consensus->role() == Role::leader;
    const bool serves = consensus->serving();
    const NodeId leader = consensus->leader();
    if (leads && !was_leader) ++elections;
    if (leads != was_leader || leader != last_leader)
        beat_at = Instant{};  // the others count on it
    if (!isolated && storage_ok && !stop_done && life.state() != LifeState::stopping) {
        if (serves)
            enter(LifeState::primary, fmt::format("serves term {}", consensus->term()));
        else if (consensus->role() == Role::candidate || leads)
            enter(LifeState::candidate, fmt::format("campaigns for term {}", consensus->term()));
        else if (leader != nobody)
            enter(LifeState::secondary,
                  fmt::format("follows node {} in term {}", leader, consensus->term()));
    }
    if (serves && !was_serving) {
        tell({.at = now(),
              .name = "role",
              .fields = {{"role", "primary"}, {"term", std::to_string(consensus->term())}}});
    }
    if ((was_serving && !serves) || (!leads && leader != nobody && leader != last_leader)) {
        tell({.at = now(),
              .name = "role",
              .fields = {{"role", "secondary"}, {"term", std::to_string(consensus->term())}}});
    }
    was_leader = leads;
    was_serving = serves;
    last_leader = leader;
    pipeline_wanted = true;
    say_ready();
    if (change_handler) change_handler();
}

void Node::State::say_ready() {
    if (said_ready || (!was_serving && (last_leader == nobody || was_leader))) return;
    said_ready = true;
    tell({.at = now(), .name = "ready", .fields = {}});
}

NodeView Node::State::view() const {
    return {.role = consensus->role(),
            .term = consensus->term(),
            .leader = consensus->leader(),
            .serving = consensus->serving(),
            .commit = consensus->commit(),
            .applied = applied,
            .last_index = consensus->last_index(),
            .catching_up = applied + apply_count_max < consensus->commit(),
            .storage_ok = storage_ok,
            .queue_depth = requests.size()};
}

void Node::State::arm_timer() {
    Instant next = std::min({consensus->deadline(), pipeline->deadline(), beat_at, resources_at});
    if (const auto deadline = requests.deadline()) next = std::min(next, *deadline);
    if (!held_writes.empty() && consensus->role() != Role::leader)
        next = std::min(next, held_until);
    if (stop_done) next = std::min(next, stop_deadline);
    // A timer that is early enough stays: it looks again when it fires.
    if (timer_at != Instant{} && timer_at <= next) return;
    timer_at = next;
    timer.expires_at(std::chrono::steady_clock::time_point(next));
    timer.async_wait([weak = weak_from_this(), next](boost::system::error_code error) {
        if (error) return;
        if (const auto self = weak.lock()) self->timer_fired(next);
    });
}

void Node::State::timer_fired(Instant armed_for) {
    timer_at = Instant{};
    const Instant t = now();
    if (armed_for != Instant{} && t - armed_for > lag_notable)
        pipeline->signal(t, signal::LoopLag{t - armed_for});
    if (t >= consensus->deadline()) consensus->tick(t);
    requests.expire(t);
    if (t + settings.heartbeat / 4 >= beat_at) send_beats(t);
    if (t >= resources_at) {
        storage->measure_room();
        pipeline->signal(t, resource_meter.look(t, storage->free_bytes()));
        resources_at = t + resources_period;
    }
    turn();
}

}  // namespace ftcore
