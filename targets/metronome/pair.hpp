// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "targets/metronome/chronicle.hpp"
#include "targets/metronome/follower.hpp"
#include "targets/metronome/leader.hpp"

namespace metronome {

/// One member of a pair and its place in it:
///
///   joining ──peer leads──► following ──peer lost──► lost ──takeover_after──► leading
///      │                        ▲                                               │
///      └──nobody leads, and I may──► leading ──follower lost──► asking ──peer leads──► following
///                                       ▲                          └──it does not──► leading
///
/// A leader that lost its follower asks first who leads now: it may have been frozen while the
/// other took over. Until it knows, no write is acknowledged, so that none is lost.
class Pair {
  public:
    /// `gave_up` is called when the peer kept the pair from deciding for too long.
    Pair(PairPlan plan,
         Poller& poller,
         State& state,
         Store& store,
         Chronicle& chronicle,
         Clients& clients,
         std::function<void()> gave_up);

    void start(faultline::Instant now);

    // What clients do.
    /// METRONOME.FOLLOW: the peer asks to follow.
    void on_follow(Poller::Id client);
    void on_acknowledge(Poller::Id client, std::uint64_t writes) {
        leader_.acknowledge(client, writes);
    }
    void on_write(const Words& words) { leader_.replicate(words); }
    void on_closed(Poller::Id client);

    [[nodiscard]] std::uint16_t peer_port() const { return plan_.peer_port; }

  private:
    enum class Place { joining, following, lost, leading, asking };
    void join();
    void on_no_leader(Follower::NoLeader reason);
    void on_sync_begins();
    void on_synced();
    void on_lost(faultline::Instant at, std::string_view cause);
    void on_dropped();
    void announce(faultline::Instant planned, std::string_view about, std::string_view cause);
    void take_over(faultline::Instant planned);
    void lead();

    PairPlan plan_;
    Poller& poller_;
    State& state_;
    Chronicle& chronicle_;
    Clients& clients_;
    std::function<void()> gave_up_;
    Leader leader_;
    Follower follower_;
    Place place_ = Place::joining;
    bool may_lead_;  // when nobody else does
    bool was_ready_ = false;
    faultline::Instant join_since_{};
};

}  // namespace metronome
