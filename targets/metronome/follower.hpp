// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "targets/metronome/connection.hpp"
#include "targets/metronome/poller.hpp"
#include "targets/metronome/settings.hpp"
#include "targets/metronome/state.hpp"
#include "targets/metronome/store.hpp"

namespace metronome {

/// The secondary's side of the link: asks the peer to be followed, keeps the store in step, and
/// sees the peer go. See leader.hpp for the messages.
///
///   idle ─join─► connecting ─► asking ─SYNC─► syncing ─SYNCED─► following ─► lost or dropped
///                    └────────────┴──────────────┴──► no leader there
class Follower {
  public:
    enum class NoLeader {
        unreachable,  // nobody listens, or it went away or kept silent while asked
        free,         // it answers that nobody leads there, nor will
        wait,         // it is about to know; ask again
    };
    struct Callbacks {
        std::function<void(NoLeader)> no_leader;
        std::function<void()> sync_begins;  // it leads; the store is being replaced
        std::function<void()> synced;
        std::function<void(faultline::Instant, std::string_view cause)> lost;
        std::function<void()> dropped;
    };

    Follower(PairPlan plan, Poller& poller, State& state, Store& store, Callbacks callbacks);

    /// Asks once. Requires: idle.
    void join();
    /// What the leader said last that it had acknowledged to clients.
    [[nodiscard]] std::uint64_t leader_acknowledged() const { return leader_acknowledged_; }

  private:
    enum class Phase { idle, connecting, asking, syncing, following };
    void on_events(std::uint32_t epoll_events);
    void connected();
    void read();
    /// False when the link is done with.
    [[nodiscard]] bool take(const Words& words);
    void on_deadline();
    void check_watch();
    void ended(NoLeader reason, std::string_view cause);
    void disconnect();

    PairPlan plan_;
    Poller& poller_;
    State& state_;
    Store& store_;
    Callbacks callbacks_;
    Phase phase_ = Phase::idle;
    std::unique_ptr<Connection> link_;
    Poller::Id watch_ = 0;
    Poller::Id deadline_ = 0;
    faultline::Instant heard_{};  // when the leader was last heard
    std::uint64_t leader_acknowledged_ = 0;
};

}  // namespace metronome
