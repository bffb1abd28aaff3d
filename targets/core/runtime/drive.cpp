// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "faultline/failpoint.hpp"
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

namespace asio = boost::asio;
using faultline::now;

namespace {

/// Effects may cause inputs that cause effects; more rounds than this are a bug, not work.
constexpr int rounds_max = 1000;
/// Applying a long log must not silence the node: it goes on in the next turn.
constexpr Index apply_count_max = 2000;
constexpr std::size_t snapshot_piece_bytes = std::size_t{512} << 10;
/// A timer this much late says that this process, not a peer, was away.
constexpr Duration lag_notable = std::chrono::milliseconds(2);

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
    if (effects.rebuild) rebuild();
    if (effects.apply_to) {
        apply_target = *effects.apply_to;
        apply_some();
    }
    for (const SnapshotWanted& wanted : effects.snapshots_wanted) {
        storage->read_snapshot(wanted.to, wanted.offset, snapshot_piece_bytes);
    }
    if (effects.role_changed || effects.serving_changed) role_changed();
}

void Node::State::rebuild() {
    snapshot_source.reset();  // of a state that is no more
    if (snapshot_saving) {
        storage->abandon_snapshot();
        snapshot_saving = false;
    }
    const SnapshotMark mark = consensus->snapshot();
    applied = mark.index;
    apply_target = mark.index;
    if (am_witness()) return;
    machine.restore_begin();
    if (mark.index != 0) {
        auto loaded = storage->load_snapshot(
            mark, [this](std::string_view piece) { return machine.restore_piece(piece); });
        if (loaded) loaded = machine.restore_end();
        if (!loaded) {
            pipeline->signal(now(), signal::Corruption{loaded.error().message});
            return fatal("the snapshot cannot be loaded: " + loaded.error().message);
        }
    } else if (auto ended = machine.restore_end(); !ended) {
        return fatal(ended.error().message);
    }
    consensus->applied(now(), applied);
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
            if (const auto self = weak.lock()) {
                self->apply_some();
                self->ask_for_turn();
            }
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

void Node::State::maybe_snapshot() {
    if (snapshot_saving || !storage_ok || isolated) return;
    if (storage->log_bytes() < settings.snapshot_log_bytes) return;
    if (applied <= consensus->snapshot().index || applied != apply_target) return;
    // At level low the state may be ahead of what is agreed; a snapshot must not be.
    if (applied > consensus->commit()) return;
    snapshot_mark = {.index = applied, .term = consensus->entry(applied).term};
    snapshot_saving = true;
    if (!am_witness()) snapshot_source = machine.snapshot();
    continue_snapshot();
}

void Node::State::continue_snapshot() {
    // One piece a turn: the service goes on in between.
    std::string piece = snapshot_source ? snapshot_source->next() : std::string();
    const bool last = piece.empty();
    storage->save_snapshot(snapshot_mark, std::move(piece), last);
    if (last) {
        snapshot_source.reset();
        return;
    }
    asio::post(loop, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self && self->snapshot_source) self->continue_snapshot();
    });
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
    Instant next = std::min({consensus->deadline(), pipeline->deadline(), beat_at});
    if (const auto deadline = requests.deadline()) next = std::min(next, *deadline);
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
    turn();
}

void Node::State::settle_stop() {
    if (!stop_done) return;
    const Instant t = now();
    const bool passed_on = consensus->role() != Role::leader && consensus->leader() != nobody;
    if (!passed_on && t < stop_deadline) return;
    for (auto& [command, write_done] : std::exchange(held_writes, {})) {
        write_done(ErrorCode::not_primary, {});
    }
    if (requests.size() != 0 && t < stop_deadline) return;
    enter(LifeState::stopping, passed_on ? "the lead is passed on" : "nobody took the lead over");
    std::exchange(stop_done, nullptr)();
}

}  // namespace ftcore
