// SPDX-License-Identifier: Apache-2.0
#include "targets/core/pipeline/stages.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace ftcore {
namespace {

/// What is due and was not settled is looked at again after this, never at once.
constexpr Duration pause_min = std::chrono::milliseconds(1);

/// Less lateness of a loop does not explain slow operations.
constexpr Duration lag_min = std::chrono::milliseconds(5);

std::vector<Member> others(const PipelineSettings& settings) {
    std::vector<Member> members;
    for (const Member& member : settings.members) {
        if (member.id != settings.self) members.push_back(member);
    }
    return members;
}

std::vector<WatchedPeer> watch_all(const PipelineSettings& settings) {
    std::vector<WatchedPeer> peers;
    for (const Member& member : others(settings)) {
        auto detector = make_detector(settings.detector, settings.detectors);
        FL_CHECK(detector.has_value());
        peers.push_back({.id = member.id,
                         .witness = member.witness,
                         .watch = PeerWatch(settings.careful, std::move(*detector))});
    }
    return peers;
}

}  // namespace

Pipeline::State::State(PipelineSettings given, Instant now)
    : settings(std::move(given)),
      started(now),
      outbox(settings.names),
      monitor(settings.monitor, others(settings)),
      peers(watch_all(settings)),
      storage_health(settings.storage),
      error_rate(settings.error_rate),
      latency_shift(settings.latency_shift),
      overload(settings.overload),
      alerter(settings.alerts, outbox.name(settings.self)),
      shedding(settings.shedding),
      recovery(now),
      takeover(settings.takeover, settings.self),
      last_now(now) {}

void Pipeline::State::signal(Instant now, const Signal& signal) {
    // Whether this node itself was late comes before anything that might blame others.
    note_lateness(now);
    last_now = now;
    monitor.record(now, signal);
    std::visit([&](const auto& body) { take(now, body); }, signal);
}

void Pipeline::State::turn(Instant now, const NodeView& next) {
    note_lateness(now);
    last_now = now;
    const bool changed = take_view(now, next);
    if (due || changed || now >= timed) return run_stages(now);
    if (recovery.watches_view() || takeover.watches_view()) {
        run_repairs(now);
        plan_deadline(now);
    }
}

Instant Pipeline::State::deadline() const {
    return due ? last_now : timed;
}

void Pipeline::State::note_lateness(Instant now) {
    if (now <= timed) return;
    monitor.acted(now, timed);
    const Duration gap = monitor.take_gap();
    if (gap == Duration::zero()) return;
    if (gap >= settings.own_gap_told) {
        outbox.emit(now,
                    "anomaly",
                    {{"about", outbox.name(settings.self)},
                     {"by", "own_time"},
                     {"text", fmt::format("did not run for {}", faultline::format_duration(gap))}});
    }
    replan_peers();
}

bool Pipeline::State::take_view(Instant now, const NodeView& next) {
    const bool was_long = overload.queue_is_long(view.queue_depth);
    const bool is_long = overload.queue_is_long(next.queue_depth);
    const bool changed = view.role != next.role || view.term != next.term ||
                         view.leader != next.leader || view.serving != next.serving ||
                         view.catching_up != next.catching_up ||
                         view.storage_ok != next.storage_ok || was_long != is_long;
    view = next;
    if (view.leader != nobody) {
        last_leader = view.leader;
        no_leader_since.reset();
    } else if (!no_leader_since) {
        no_leader_since = now;
    }
    if (is_long) look_soon(now);
    return changed;
}

void Pipeline::State::run_stages(Instant now) {
    due = false;
    look_at_peers(now);
    look_at_self(now);
    run_repairs(now);
    settle_corruption(now);
    alert(now);
    plan_deadline(now);
}

void Pipeline::State::run_repairs(Instant now) {
    const Takeover::View takeover_view{
        .node = view,
        .quorum_answers = trusted_peers() + 1 > settings.members.size() / 2,
        .quorum_needed = settings.level == Level::high};
    takeover.turn(now, takeover_view, outbox);
    recovery.turn(now, recovery_view(), outbox);
}

void Pipeline::State::alert(Instant now) {
    AlertView alert_view{.now = now,
                         .no_primary_since = no_leader_since,
                         .storage = storage_health.trouble(),
                         .failing = error_rate.active(),
                         .overloaded = overload.active() || shedding.active(),
                         .safe_state = recovery.safe_state()};
    for (const WatchedPeer& peer : peers) {
        if (peer.lost) alert_view.peers_lost.push_back(outbox.name(peer.id));
    }
    if (corruption_trouble) alert_view.corruption = corruption_where;
    alerter.turn(alert_view, outbox);
}

void Pipeline::State::plan_deadline(Instant now) {
    others_at = std::min({look_at, recovery.deadline(), takeover.deadline(), alerter.deadline()});
    for (const WatchedPeer& peer : peers) {
        if (!peer.asked_at || !unclear(peer)) continue;
        const Instant in_vain_at = *peer.asked_at + settings.probe_patience;
        if (in_vain_at > now) others_at = std::min(others_at, in_vain_at);
    }
    timed = std::max(std::min(others_at, peers_deadline()), now + pause_min);
}

void Pipeline::State::replan_peers() {
    timed = std::min(others_at, peers_deadline());
}

bool Pipeline::State::healthy_peer() {
    const bool slow = storage_health.trouble() == StorageTrouble::slow;
    const Duration own = monitor.storage().recent(Duration::zero()).median;
    return std::any_of(peers.begin(), peers.end(), [&](const WatchedPeer& peer) {
        if (peer.witness || peer.watch.trust() != Trust::trusted) return false;
        const Health& health = monitor.peer(peer.id)->health;
        if (!health.storage_ok || health.overloaded) return false;
        return !slow || health.storage_latency * 2 <= own;
    });
}

bool Pipeline::State::all_lag() {
    const Duration own = monitor.loop_lag(last_now);
    if (own < lag_min) return false;
    return std::all_of(peers.begin(), peers.end(), [&](const WatchedPeer& peer) {
        return peer.watch.trust() != Trust::trusted ||
               monitor.peer(peer.id)->health.loop_lag * 2 >= own;
    });
}

RecoveryView Pipeline::State::recovery_view() {
    const bool in_reach = std::any_of(peers.begin(), peers.end(), [](const WatchedPeer& peer) {
        return !peer.witness && peer.watch.trust() == Trust::trusted;
    });
    return {.self = settings.self,
            .node = view,
            .healthy_peer = healthy_peer(),
            .mode = standby_mode({.peer_in_reach = in_reach, .catching_up = view.catching_up}),
            .resources = monitor.resources()};
}

RepairSituation Pipeline::State::situation(bool about_leader) {
    return {.level = settings.level,
            .leading = view.role == Role::leader,
            .about_leader = about_leader,
            .healthy_peer = healthy_peer(),
            .alone = peers.empty(),
            .clients_suffer = error_rate.active() || latency_shift.active(),
            .all_lag = all_lag(),
            .last_hand_over = recovery.last_hand_over()};
}

IncidentId Pipeline::State::take_on(Instant began, Diagnosis diagnosis, bool about_leader) {
    tell(diagnosis, false);
    auto ladder = choose(diagnosis, situation(about_leader), settings.repair);
    return recovery.open(began, std::move(diagnosis), std::move(ladder));
}

void Pipeline::State::tell(const Diagnosis& diagnosis, bool revised) {
    const std::string about = outbox.name(diagnosis.about);
    outbox.emit(diagnosis.at,
                "located",
                {{"about", about}, {"place", std::string(name_of(diagnosis.place))}});
    EventFields fields{{"about", about},
                       {"cause", std::string(name_of(diagnosis.cause))},
                       {"place", std::string(name_of(diagnosis.place))},
                       {"evidence", diagnosis.evidence_text()}};
    if (revised) fields.emplace_back("revised", "true");
    outbox.emit(diagnosis.at, "diagnosed", std::move(fields));
}

std::vector<NodeId> Pipeline::State::suspected() const {
    std::vector<NodeId> ids;
    for (const WatchedPeer& peer : peers) {
        if (peer.watch.trust() == Trust::suspected) ids.push_back(peer.id);
    }
    return ids;
}

Health Pipeline::State::health() {
    const StorageTrouble trouble = storage_health.trouble();
    return {.storage_latency = monitor.storage().p99(last_now),
            .storage_ok = view.storage_ok && trouble != StorageTrouble::failing &&
                          trouble != StorageTrouble::full,
            .serving = view.serving,
            .overloaded = overload.active() || shedding.active(),
            .loop_lag = monitor.loop_lag(last_now),
            .unreachable = suspected()};
}

std::vector<std::string> Pipeline::State::report() const {
    std::vector<std::string> lines;
    const std::vector<std::string> firing = alerter.firing();
    if (!firing.empty()) lines.push_back(fmt::format("alerts: {}", fmt::join(firing, ", ")));
    for (const std::string& line : takeover.report())
        lines.push_back(line);
    for (std::string& line : recovery.report(outbox))
        lines.push_back(std::move(line));
    return lines;
}

}  // namespace ftcore
