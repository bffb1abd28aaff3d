// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/pipeline/rig.hpp"

#include <algorithm>

namespace ftcore::testing {
namespace {

constexpr Duration beat_interval = milliseconds(10);
constexpr Duration turn_around = microseconds(200);  // of probes and actions

PipelineSettings settings_of(const Rig::Options& options) {
    PipelineSettings settings{.self = options.self,
                              .members = {{1}, {2}, {3}},
                              .names = {{1, "kv[0]"}, {2, "kv[1]"}, {3, "kv[2]"}},
                              .level = options.level};
    if (options.adjust) options.adjust(settings);
    return settings;
}

}  // namespace

Rig::Rig(Options options)
    : now(Instant(seconds(1000))),
      view{.role = options.self == options.leader ? Role::leader : Role::follower,
           .term = 1,
           .leader = options.leader,
           .serving = options.self == options.leader,
           .commit = 10,
           .applied = 10,
           .last_index = 10},
      pipeline(settings_of(options), now) {
    for (NodeId id = 1; id <= 3; ++id) {
        if (id == options.self) continue;
        Peer& peer = peers[id];
        peer.incarnation = 100 + id;
        peer.next_beat = now + milliseconds(2 * id);
        signal(signal::Connected{id, peer.incarnation});
    }
    run_for(seconds(2));
    forget();
}

Instant Rig::next_event() const {
    Instant next = pipeline.deadline();
    for (const auto& [id, peer] : peers) {
        if (peer.beating) next = std::min(next, peer.next_beat);
    }
    for (const Pending& pending : pending_)
        next = std::min(next, pending.at);
    return next;
}

void Rig::run_for(Duration span) {
    const Instant end = now + span;
    while (true) {
        const Instant next = std::max(next_event(), now);
        if (next > end) break;
        now = next;
        for (auto& [id, peer] : peers) {
            if (peer.beating && peer.next_beat <= now) beat(id, peer);
        }
        std::vector<Pending> ripe;
        std::copy_if(
            pending_.begin(), pending_.end(), std::back_inserter(ripe), [&](const Pending& one) {
                return one.at <= now;
            });
        std::erase_if(pending_, [&](const Pending& one) { return one.at <= now; });
        for (const Pending& one : ripe)
            pipeline.signal(now, one.signal);
        pump();
    }
    now = end;
}

void Rig::sleep_through(Duration span) {
    now += span;
}

void Rig::signal(Signal signal) {
    pipeline.signal(now, std::move(signal));
    pump();
}

void Rig::beat(NodeId id, Peer& peer) {
    peer.next_beat += beat_interval;
    pipeline.signal(now, signal::Beat{id, ++peer.sequence, beat_interval, peer.health});
}

void Rig::pump() {
    pipeline.turn(now, view);
    ++turns;
    for (PipelineEvent& event : pipeline.take_events())
        all_events.push_back(std::move(event));
    for (Action& action : pipeline.take_actions()) {
        answer(action);
        all_actions.push_back(std::move(action));
    }
}

void Rig::answer(const Action& action) {
    const Instant at = now + turn_around;
    if (const auto* probe = std::get_if<action::ProbePeer>(&action.what)) {
        const NodeId id = probe->peer;
        const auto reach = peers.at(id).reach;
        if (reach == Reach::accepted) pending_.push_back({at, signal::Probed{id}});
        if (reach == Reach::refused) pending_.push_back({at, signal::ConnectRefused{id}});
        if (reach == Reach::timed_out)
            pending_.push_back({now + milliseconds(100), signal::ConnectTimedOut{id}});
        return;
    }
    const bool ok = carry_out(action);
    pending_.push_back({at, signal::ActionDone{action.id, ok, ok ? "" : "it did not work"}});
}

void Rig::kill(NodeId id) {
    peers.at(id).beating = false;
    peers.at(id).reach = Reach::refused;
    pipeline.signal(now, signal::ConnectionLost{id});
    pipeline.signal(now, signal::ConnectRefused{id});
    pump();
}

void Rig::freeze(NodeId id) {
    peers.at(id).beating = false;
}

void Rig::thaw(NodeId id) {
    peers.at(id).beating = true;
    peers.at(id).next_beat = now;
}

void Rig::cut_off(NodeId id) {
    peers.at(id).beating = false;
    peers.at(id).reach = Reach::timed_out;
}

void Rig::restart(NodeId id) {
    Peer& peer = peers.at(id);
    peer.incarnation += 100;
    peer.sequence = 0;
    peer.beating = true;
    peer.reach = Reach::accepted;
    peer.next_beat = now + milliseconds(1);
    signal(signal::Connected{id, peer.incarnation});
}

void Rig::write(Duration span, Duration period, Duration latency) {
    const Instant end = now + span;
    while (now < end) {
        run_for(period);
        storage(ErrorCode::none, latency);
    }
}

void Rig::storage(ErrorCode outcome, Duration latency) {
    signal(signal::Storage{latency, outcome, outcome == ErrorCode::none ? "" : "fsync of the log"});
}

void Rig::operate(Duration span, Duration latency, int failing_every) {
    const Instant end = now + span;
    for (int i = 1; now < end; ++i) {
        run_for(milliseconds(1));
        const bool fails = failing_every != 0 && i % failing_every == 0;
        signal(signal::Operation{latency, fails ? ErrorCode::internal : ErrorCode::none});
    }
}

void Rig::lead() {
    view.role = Role::leader;
    view.leader = 2;
    ++view.term;
    view.serving = true;
    ++view.commit;
}

std::vector<PipelineEvent> Rig::events(const std::string& name) const {
    std::vector<PipelineEvent> found;
    for (const PipelineEvent& event : all_events) {
        if (event.name == name) found.push_back(event);
    }
    return found;
}

std::string Rig::field(const PipelineEvent& event, const std::string& name) const {
    for (const auto& [key, value] : event.fields) {
        if (key == name) return value;
    }
    return "-";
}

std::string Rig::first(const std::string& event, const std::string& name) const {
    const auto found = events(event);
    return found.empty() ? "-" : field(found.front(), name);
}

std::string Rig::all(const std::string& event, const std::string& name) const {
    std::string text;
    for (const PipelineEvent& one : events(event))
        text += (text.empty() ? "" : ",") + field(one, name);
    return text;
}

Instant Rig::at(const std::string& event) const {
    const auto found = events(event);
    return found.empty() ? Instant::max() : found.front().at;
}

void Rig::forget() {
    all_events.clear();
    all_actions.clear();
    turns = 0;
}

}  // namespace ftcore::testing
