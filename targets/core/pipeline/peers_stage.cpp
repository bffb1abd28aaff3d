// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/base/units.hpp"
#include "targets/core/pipeline/stages.hpp"

namespace ftcore {

// What concerns peers: detect, locate, diagnose, and the first step of a fail-over.

void Pipeline::State::take(Instant now, const signal::Beat& beat) {
    WatchedPeer* const peer = watched(beat.peer);
    if (peer == nullptr) return;
    peer->watch.beat(monitor.own_time().lived(now), beat, monitor.loop_lag(now));
    if (peer->watch.has_news() || peer->lost) {
        due = true;
    } else {
        peer->since.reset();
        peer->asked_at.reset();
    }
    replan_peers();
}

void Pipeline::State::take(Instant now, const signal::Connected& connected) {
    WatchedPeer* const peer = watched(connected.peer);
    if (peer == nullptr) return;
    if (monitor.peer(peer->id)->restarted_at == now) {
        peer->watch.restarted(monitor.own_time().lived(now));
        begin_case(now, *peer);
    }
    replan_peers();
}

void Pipeline::State::take(Instant now, const signal::ConnectionLost& lost) {
    WatchedPeer* const peer = watched(lost.peer);
    if (peer == nullptr) return;
    peer->watch.connection_lost(monitor.own_time().lived(now));
    begin_case(now, *peer);
    replan_peers();
}

void Pipeline::State::take(Instant now, const signal::ConnectRefused& refused) {
    WatchedPeer* const peer = watched(refused.peer);
    if (peer == nullptr) return;
    peer->asked_at.reset();
    // While it can speak to us only its silence speaks against it; then this is evidence.
    if (!refused.heard) peer->watch.refused(monitor.own_time().lived(now));
    begin_case(now, *peer);
    replan_peers();
}

void Pipeline::State::take(Instant /*now*/, const signal::ConnectTimedOut& timed_out) {
    WatchedPeer* const peer = watched(timed_out.peer);
    if (peer != nullptr && peer->lost && unclear(*peer)) due = true;
}

void Pipeline::State::take(Instant /*now*/, const signal::Probed& probed) {
    WatchedPeer* const peer = watched(probed.peer);
    if (peer == nullptr) return;
    peer->asked_at.reset();
    if (peer->lost && peer->diagnosed != Cause::crash) due = true;
}

void Pipeline::State::begin_case(Instant now, WatchedPeer& peer) {
    if (peer.watch.trust() != Trust::suspected) return;
    if (!peer.since) peer.since = now;
    // A dead peer refuses again and again; that is no news.
    if (peer.diagnosed != Cause::crash || peer.watch.has_news()) due = true;
}

void Pipeline::State::look_at_peers(Instant now) {
    const Instant lived = monitor.own_time().lived(now);
    for (WatchedPeer& peer : peers) {
        peer.news = peer.watch.assess(lived);
        if (peer.news.ask) {
            if (!peer.since) peer.since = now;
            peer.asked_at = now;
            outbox.act(action::ProbePeer{peer.id});
        }
        if (peer.news.lost) lose(now, peer, *peer.news.lost);
    }
    // Only when all have been looked at it shows who is alone.
    for (std::size_t who = 0; who < peers.size(); ++who) {
        if (peers[who].lost && peers[who].diagnosed != Cause::crash) diagnose(now, who);
    }
    for (WatchedPeer& peer : peers) {
        if (peer.news.lost && peer.led && !peer.diagnosed) suspect_early(now, peer);
        if (peer.news.back) welcome_back(now, peer);
    }
    settle_own_partition(now);
}

void Pipeline::State::lose(Instant now, WatchedPeer& peer, PeerLoss loss) {
    if (peer.lost) welcome_back(now, peer);  // it was back, and is lost again
    if (!peer.since) peer.since = now;
    peer.lost = true;
    peer.led = leads(peer.id);
    peer.lost_at = now;
    peer.loss = std::move(loss);
    if (peer.led) takeover.leader_lost(*peer.since, peer.id);
    outbox.emit(now,
                "detected",
                {{"about", outbox.name(peer.id)},
                 {"by", peer.loss.by},
                 {"silence", faultline::format_duration(peer.loss.silence)},
                 {"led", peer.led ? "true" : "false"}});
}

void Pipeline::State::diagnose(Instant now, std::size_t who) {
    WatchedPeer& peer = peers[who];
    auto diagnosis = diagnose_peer(now, settings.self, picture(now), who);
    if (!diagnosis) return;
    if (peer.diagnosed && !overrules(diagnosis->cause, *peer.diagnosed)) return;
    if (diagnosis->cause == Cause::partition_of_self) {
        take_on_own_partition(now, peer, std::move(*diagnosis));
    } else {
        take_on_peer(now, peer, std::move(*diagnosis));
    }
}

void Pipeline::State::take_on_peer(Instant now, WatchedPeer& peer, Diagnosis diagnosis) {
    const Cause cause = diagnosis.cause;
    if (peer.incident) {
        tell(diagnosis, true);
        auto ladder = choose(diagnosis, situation(peer.led), settings.repair);
        recovery.revise(now, *peer.incident, std::move(diagnosis), std::move(ladder), outbox);
    } else {
        peer.incident = take_on(peer.lost_at, std::move(diagnosis), peer.led);
    }
    peer.diagnosed = cause;
}

void Pipeline::State::take_on_own_partition(Instant now, WatchedPeer& peer, Diagnosis diagnosis) {
    if (peer.incident) {
        recovery.abandon(now, *peer.incident, "it is this node that is cut off", outbox);
        peer.incident.reset();
    }
    peer.diagnosed = Cause::partition_of_self;
    if (!own_partition) own_partition = take_on(peer.lost_at, std::move(diagnosis), false);
}

/// The leader is lost and nobody knows why yet: asking for votes does no harm, since the others
/// refuse them while they still hear from it.
void Pipeline::State::suspect_early(Instant now, WatchedPeer& peer) {
    outbox.emit(now,
                "repair",
                {{"about", outbox.name(peer.id)}, {"step", "suspect_leader"}, {"state", "begin"}});
    outbox.act(action::SuspectLeader{peer.id, Suspicion::suspected});
}

void Pipeline::State::welcome_back(Instant now, WatchedPeer& peer) {
    outbox.emit(now,
                "returned",
                {{"about", outbox.name(peer.id)},
                 {"after", faultline::format_duration(now - peer.lost_at)}});
    if (peer.incident) recovery.over(now, *peer.incident);
    peer.lost = false;
    peer.led = false;
    peer.since.reset();
    peer.asked_at.reset();
    peer.diagnosed.reset();
    peer.incident.reset();
}

void Pipeline::State::settle_own_partition(Instant now) {
    if (!own_partition || (trusted_peers() + 1) * 2 <= settings.members.size()) return;
    recovery.over(now, *own_partition);
    own_partition.reset();
}

WatchedPeer* Pipeline::State::watched(NodeId id) {
    const auto found = std::find_if(
        peers.begin(), peers.end(), [id](const WatchedPeer& peer) { return peer.id == id; });
    return found == peers.end() ? nullptr : &*found;
}

std::vector<PeerPicture> Pipeline::State::picture(Instant now) {
    const Instant lived = monitor.own_time().lived(now);
    std::vector<PeerPicture> group;
    for (const WatchedPeer& peer : peers) {
        group.push_back(
            {.facts = *monitor.peer(peer.id),
             .name = outbox.name(peer.id),
             .trust = peer.watch.trust(),
             .since = peer.since,
             .by = peer.loss.by,
             .silence = peer.loss.silence,
             .silent = peer.watch.silent(lived),
             .in_vain = peer.asked_at && now - *peer.asked_at >= settings.probe_patience});
    }
    return group;
}

bool Pipeline::State::unclear(const WatchedPeer& peer) const {
    return peer.lost && (!peer.diagnosed || *peer.diagnosed == Cause::partition_of_peer);
}

bool Pipeline::State::leads(NodeId id) const {
    if (view.role == Role::leader) return false;
    return view.leader == id || (view.leader == nobody && last_leader == id);
}

std::size_t Pipeline::State::trusted_peers() const {
    const auto trusted = std::count_if(peers.begin(), peers.end(), [](const WatchedPeer& peer) {
        return peer.watch.trust() == Trust::trusted || peer.watch.trust() == Trust::doubted;
    });
    return static_cast<std::size_t>(trusted);
}

Instant Pipeline::State::peers_deadline() {
    const OwnTime& own = monitor.own_time();
    Instant next = Instant::max();
    const auto consider = [&](Instant lived) {
        if (lived != Instant::max()) next = std::min(next, own.real(lived));
    };
    for (const WatchedPeer& peer : peers) {
        consider(peer.watch.deadline());
        // A lost connection becomes a hang when the beats are overdue as well.
        const Instant silent_at = peer.watch.beats().deadline();
        if (peer.lost && !peer.diagnosed && silent_at != Instant::max() &&
            own.real(silent_at) > last_now) {
            consider(silent_at);
        }
    }
    return next;
}

}  // namespace ftcore
