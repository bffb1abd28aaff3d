// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "targets/core/monitor/signal.hpp"
#include "targets/core/pipeline/outbox.hpp"
#include "targets/core/recover/incident.hpp"
#include "targets/core/recover/strategy_plans.hpp"
#include "targets/core/state/node_view.hpp"

namespace ftcore {

/// What a recovery looks at in every turn.
struct RecoveryView {
    NodeId self = nobody;
    const NodeView& node;
    bool healthy_peer = false;
    StandbyMode mode = StandbyMode::hot;
    const std::optional<signal::Resources>& resources;
};

/// The last two stages: carries strategies out, verifies them, and goes on to the next when one did
/// not help. The most urgent incidents come first.
///
///   open ─► repairing ─► verifying ─► settled ─► closed
///            │    ▲         │            (over)
///            │    └ next ◄──┘ does not hold
///            └─► the ladder's last rung: safe
///
/// Thread: one owner.
class Recovery {
  public:
    explicit Recovery(Instant started) : started_(started) {}

    /// `began`: when the trouble was detected. The repair begins with the next `turn`.
    IncidentId open(Instant began, Diagnosis diagnosis, std::vector<Strategy> ladder);
    /// Better evidence: another cause, other strategies. What was done so far counts unless the
    /// repair is still going on.
    void revise(Instant now,
                IncidentId id,
                Diagnosis diagnosis,
                std::vector<Strategy> ladder,
                Outbox& outbox);
    /// What was diagnosed is not so any more.
    void over(Instant now, IncidentId id);
    /// Something worse has taken its place.
    void abandon(Instant now, IncidentId id, const std::string& why, Outbox& outbox);

    /// Whether it belonged to an incident.
    bool action_done(Instant now, const signal::ActionDone& done, Outbox& outbox);
    void turn(Instant now, const RecoveryView& view, Outbox& outbox);
    [[nodiscard]] Instant deadline() const;
    /// Whether a change of the view may move something.
    [[nodiscard]] bool watches_view() const;

    /// Whether its repair has been verified and it only waits to be over.
    [[nodiscard]] bool verified(IncidentId id) const;
    /// Why this node is in the safe state, if it is.
    [[nodiscard]] std::optional<std::string> safe_state() const;
    /// When a hand-over was last asked for.
    [[nodiscard]] const std::optional<Instant>& last_hand_over() const { return last_hand_over_; }
    /// Newest first.
    [[nodiscard]] std::vector<std::string> report(const Outbox& names) const;

    /// Those that are over are kept for the report, up to so many.
    static constexpr std::size_t closed_max = 32;

  private:
    Incident* find(IncidentId id);
    void advance(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox);
    /// Whether its phase has changed.
    bool repair(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox);
    void start(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox);
    void repaired(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox);
    void verify(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox);
    void escalate(Instant now, Incident& incident, const std::string& why, Outbox& outbox);
    void close(Instant now, Incident& incident);
    void sort_out();

    Instant started_;
    IncidentId last_id_ = 0;
    std::vector<Incident> open_{};
    std::deque<Incident> closed_{};  // newest first
    std::optional<Instant> last_hand_over_{};
};

}  // namespace ftcore
