// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "targets/core/pipeline/outbox.hpp"
#include "targets/core/state/node_view.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

struct TakeoverSettings {
    /// Without any write to agree on, a quorum that answers for so long is proof enough.
    Duration idle_for = std::chrono::milliseconds(500);
    Duration verify_within = std::chrono::seconds(5);
};

/// The new primary's own view of a fail-over: it says `recovered` when it serves, and `verified`
/// when something was agreed on after that and a quorum answers. Silent about the first election of
/// a group.
///
///   follower ─► elected ─► serving ─► verified, or not in time
///
/// Thread: one owner.
class Takeover {
  public:
    Takeover(TakeoverSettings settings, NodeId self) : settings_(settings), self_(self) {}

    /// A leader was lost: recoveries are counted from here.
    void leader_lost(Instant now, NodeId leader);

    struct View {
        const NodeView& node;
        bool quorum_answers = false;  // this node and enough peers
        bool quorum_needed = true;    // level high
    };
    void turn(Instant now, const View& view, Outbox& outbox);
    [[nodiscard]] Instant deadline() const { return deadline_; }
    /// Whether a change of the view may move something.
    [[nodiscard]] bool watches_view() const { return phase_ != Phase::idle; }

    /// Fail-overs to this node, newest first, as lines.
    [[nodiscard]] const std::vector<std::string>& report() const { return report_; }
    static constexpr std::size_t report_max = 16;

  private:
    enum class Phase : std::uint8_t { idle, elected, serving };

    void elected(Instant now);
    void serving(Instant now, const View& view, Outbox& outbox);
    void prove(Instant now, const View& view, Outbox& outbox);
    void conclude(Instant now, bool ok, const std::string& evidence, Outbox& outbox);

    TakeoverSettings settings_;
    NodeId self_;
    Phase phase_ = Phase::idle;
    bool leading_ = false;
    NodeId predecessor_ = nobody;  // who led last
    std::optional<Instant> lost_at_{};
    Instant began_{};
    Instant serving_at_{};
    Index commit_at_serving_ = 0;
    Instant deadline_ = Instant::max();
    std::vector<std::string> report_{};
};

}  // namespace ftcore
