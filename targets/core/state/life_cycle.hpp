// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "targets/core/types.hpp"

namespace ftcore {

/// What a node is, from its start to its end.
///
///   starting ─► recovering ─► secondary ◄─► candidate ─► primary ─► handing_over ─► secondary
///                   ▲             │             any of these ─► storage_failed ─► recovering,
///                   └─────────────┘                             secondary
///   anything but the end ─► isolated ─► stopping ─► stopped
enum class LifeState : std::uint8_t {
    starting,        // reads its settings and its folder
    recovering,      // restores state, or fetches what it lacks
    secondary,       // follows a primary, or waits for one
    candidate,       // asks to lead
    primary,         // leads
    handing_over,    // brings a successor up to date
    storage_failed,  // its disk is not to be trusted: acknowledges nothing
    isolated,        // the safe state: takes no part until it is started again
    stopping,
    stopped
};
constexpr std::size_t life_state_count = 10;

[[nodiscard]] std::string_view name_of(LifeState state);

/// Whether a node may go from one to the other in one step.
[[nodiscard]] bool is_legal(LifeState from, LifeState to);

/// The life cycle of one node with its history. Illegal transitions are bugs and abort.
/// Thread: one owner.
class LifeCycle {
  public:
    struct Change {
        Instant at{};
        LifeState from = LifeState::starting;
        LifeState to = LifeState::starting;
        std::string reason{};
    };

    explicit LifeCycle(Instant started = Instant{}, std::size_t history_max = 256);

    /// Requires: `is_legal(state(), to)`. Staying what one is changes nothing.
    void enter(Instant now, LifeState to, std::string_view reason);
    /// Goes there by the shortest legal way and records every step: for those who see results only
    /// (a group of one is follower and leader within one call). Requires: there is a way.
    void reach(Instant now, LifeState to, std::string_view reason);

    [[nodiscard]] LifeState state() const { return state_; }
    [[nodiscard]] Instant since() const { return since_; }
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    /// Newest first, bounded by `history_max`.
    [[nodiscard]] std::vector<Change> history(std::size_t max = SIZE_MAX) const;
    /// "1.2 s ago secondary -> candidate: the primary is lost": FT.HISTORY.
    [[nodiscard]] std::vector<std::string> lines(Instant now, std::size_t max = 64) const;

  private:
    std::size_t history_max_;
    LifeState state_ = LifeState::starting;
    Instant since_;
    std::uint64_t changes_ = 0;
    std::deque<Change> history_{};
};

}  // namespace ftcore
