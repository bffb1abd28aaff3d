// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "targets/metronome/clients.hpp"
#include "targets/metronome/settings.hpp"
#include "targets/metronome/state.hpp"
#include "targets/metronome/store.hpp"

namespace metronome {

/// The primary's side of the link. The secondary is a client that sent METRONOME.FOLLOW; what it is
/// sent are requests in RESP:
///
///   SYNC · SET key value ... · SYNCED writes     the state at the start
///   SET, INCR, APPEND, DEL, FLUSHALL ...         every write, in order; answered by METRONOME.ACK
///   writes BEAT acknowledged                            every heartbeat DROP too slow: come back
///   and start over
class Leader {
  public:
    Leader(PairPlan plan, Poller& poller, State& state, const Store& store, Clients& clients)
        : plan_(std::move(plan)),
          poller_(poller),
          state_(state),
          store_(store),
          clients_(clients) {}

    /// Brings `client` up to date and keeps it there.
    void attach(Poller::Id client);
    /// Forgets the follower; replies that wait for it keep waiting until the pair has decided.
    void detach();
    [[nodiscard]] bool is_follower(Poller::Id client) const {
        return client != 0 && client == follower_;
    }

    /// A write was carried out here.
    void replicate(const Words& words);
    /// The follower has carried out this many.
    void acknowledge(Poller::Id client, std::uint64_t writes);

  private:
    void beat();

    PairPlan plan_;
    Poller& poller_;
    State& state_;
    const Store& store_;
    Clients& clients_;
    Poller::Id follower_ = 0;
    Poller::Id beat_timer_ = 0;
    std::uint64_t safe_at_last_beat_ = 0;
    faultline::Duration unacknowledged_for_{};
};

}  // namespace metronome
