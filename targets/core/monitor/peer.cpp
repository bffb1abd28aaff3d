// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/peer.hpp"

#include <algorithm>

namespace ftcore {

std::optional<Instant> PeerFacts::last_sign() const {
    return std::max(last_beat, connected_at);  // an absent one is less than any
}

void record(PeerFacts& peer, Instant now, const signal::Beat& beat) {
    peer.last_beat = now;
    peer.beat_interval = beat.interval;
    peer.health = beat.health;
    ++peer.beats;
}

void record(PeerFacts& peer, Instant now, const signal::Connected& connected) {
    peer.connected = true;
    peer.connected_at = now;
    if (peer.incarnation && *peer.incarnation != connected.incarnation) {
        peer.previous_incarnation = peer.incarnation;
        peer.restarted_at = now;
    }
    peer.incarnation = connected.incarnation;
}

void record(PeerFacts& peer, Instant now, const signal::ConnectionLost& /*lost*/) {
    peer.connected = false;
    peer.connection_lost_at = now;
    ++peer.connections_lost;
}

void record(PeerFacts& peer, Instant now, const signal::ConnectRefused& /*refused*/) {
    peer.connected = false;
    peer.refused_at = now;
}

void record(PeerFacts& peer, Instant now, const signal::ConnectTimedOut& /*timed_out*/) {
    peer.timed_out_at = now;
}

void record(PeerFacts& peer, Instant now, const signal::Probed& /*probed*/) {
    peer.probed_at = now;
}

}  // namespace ftcore
