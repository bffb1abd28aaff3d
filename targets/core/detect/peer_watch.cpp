// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/peer_watch.hpp"

#include <algorithm>
#include <utility>

namespace ftcore {

PeerWatch::PeerWatch(CarefulSettings settings, std::unique_ptr<FailureDetector> inner)
    : beats_(settings, std::move(inner)) {}

void PeerWatch::beat(Instant now, const signal::Beat& beat, Duration own_lag) {
    beats_.widen(std::max(own_lag, beat.health.loop_lag));
    beats_.arrived(now, beat.sequence, beat.interval);
    connection_.arrived(now, beat.sequence, beat.interval);
    last_beat_ = now;
    if (trust_ == Trust::suspected) {
        // Lost and back between two looks is still a loss: whoever acts on it wants to know.
        pending_.back = true;
        news_ = true;
    }
    trust_ = Trust::trusted;
}

void PeerWatch::connection_lost(Instant now) {
    if (trust_ == Trust::unknown) return;
    connection_.lost(now);
    pending_.ask = true;
    news_ = true;
    suspect(now, connection_.name());
}

void PeerWatch::refused(Instant now) {
    if (trust_ == Trust::unknown) return;
    suspect(now, "connection_refused");
}

void PeerWatch::restarted(Instant now) {
    suspect(now, "incarnation");
    beats_.reset(now);
    last_beat_.reset();
}

PeerWatch::News PeerWatch::assess(Instant now) {
    const Assessment silent = beats_.assess(now);
    if (silent.trust == Trust::doubted && trust_ == Trust::trusted) {
        trust_ = Trust::doubted;
        pending_.ask = true;
    } else if (silent.trust == Trust::suspected && trust_ != Trust::suspected) {
        // A late look may miss the doubt altogether; the peer is asked all the same.
        if (trust_ == Trust::trusted) pending_.ask = true;
        suspect(now, beats_.name());
    }
    news_ = false;
    return std::exchange(pending_, {});
}

bool PeerWatch::silent(Instant now) const {
    // After a restart nothing has been heard of the new process.
    return trust_ == Trust::suspected &&
           (!last_beat_ || beats_.assess(now).trust == Trust::suspected);
}

Instant PeerWatch::deadline() const {
    switch (trust_) {
        case Trust::trusted:
            return beats_.doubt_deadline();
        case Trust::doubted:
            return beats_.deadline();
        case Trust::unknown:
        case Trust::suspected:
            return Instant::max();
    }
    return Instant::max();
}

void PeerWatch::suspect(Instant now, std::string_view by) {
    if (trust_ == Trust::suspected) return;
    trust_ = Trust::suspected;
    pending_.lost = PeerLoss{std::string(by), silence(now)};
    pending_.back = false;
    news_ = true;
}

Duration PeerWatch::silence(Instant now) const {
    return last_beat_ ? now - *last_beat_ : Duration::zero();
}

}  // namespace ftcore
