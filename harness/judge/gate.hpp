// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/judge/gate_measures.hpp"

namespace faultline {

/// A build passes after no fewer trials than these (or all there may be), however soon its times
/// are known to be no worse: what happens in one trial of seven, be it a lost write or a service
/// that never comes back, happens in twenty with a chance of 95 %.
inline constexpr std::size_t pass_least = 20;

/// How a gate decides.
struct GateRules {
    double effect =
        0.10;  // the smallest worsening that counts: of spans relative, else a share of 1
    double alarm = 0.05;  // of this scenario: how often it may fail a build that is no worse
    double miss = 0.10;   // how often it may pass one that is worse by the effect, each measure
    std::size_t trials_max = 100;             // of each build
    std::optional<std::size_t> base_fixed{};  // the base has these trials and gets no more
    /// Spans that differ by less do not: the instrument cannot tell. Units: nanoseconds.
    double detection_error = 0, recovery_error = 0;
};

/// Nor do those that differ by less than this, which are the same to any service.
inline constexpr Duration least_effect = std::chrono::milliseconds(1);

/// What was decided about one measure.
struct MeasureDecision {
    std::string name;
    GateState state = GateState::open;
    bool alarm_only = false;
    bool fact = false;                        // worse by what happened, not by a test
    std::size_t look = 0;                     // that decided, or the last one; from 1, 0: none
    std::size_t base_n = 0, head_n = 0;       // values at that look
    double p_no_change = 1, alarm_level = 0;  // worse when p ≤ level, and the effect is seen
    double p_effect = 1, miss_level = 0;      // not worse when p ≤ level
    std::string explanation{};                // one sentence
};

/// Judges one scenario while its trials come in. Pure.
///
/// Every measure has an equal share of the alarm rate (Bonferroni), so that any alarm at all is as
/// rare as asked. To pass, every measure that was asked for must be shown to be no worse by itself;
/// no share is needed for that. A write that the head lost and the base never did is worse at once.
class Gate {
  public:
    /// Requires: measures from `gate_measures`; the scenario outlives it.
    Gate(const Scenario& scenario, std::vector<GateMeasure> measures, const GateRules& rules);

    /// When to look, by the counted trials of the side that has fewer.
    [[nodiscard]] const LookPlan& looks() const { return design_.looks; }
    /// Requires: ascending indices.
    void look(std::size_t index,
              std::span<const TrialMeasured> base,
              std::span<const TrialMeasured> head);
    /// No look can change anything any more, or is likely to.
    [[nodiscard]] bool over() const;
    /// Worse if any measure is, else open or undecidable if any is or there are too few trials to
    /// pass, else not worse.
    [[nodiscard]] GateState state() const;
    [[nodiscard]] std::vector<MeasureDecision> decisions() const;

  private:
    struct Watched {
        GateMeasure measure;
        SequentialTest test;
        MeasureDecision decision{};
    };
    void look_at_one(Watched& watched, std::size_t index, const Columns& base, const Columns& head);
    [[nodiscard]] std::string explain(const Watched& watched) const;

    const Scenario& scenario_;
    GateRules rules_;
    SequentialDesign design_;
    std::vector<Watched> watched_{};
    std::size_t trials_ = 0;  // of the last look
};

}  // namespace faultline
