// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/look_plan.hpp"

namespace faultline {

// Is the head worse than the base? Two questions are asked at every look, each with an error of its
// own that is shared out over the looks (look_plan.hpp):
//
//      better or the same        worse by less than counts        worse by what counts
//    ──────────────────────┬───────────────────────────────────┬────────────────────────►
//                       no change                          the effect
//       worse:      "no change" is rejected, and the estimate lies at or beyond the effect
//       not worse:  "the effect or more" is rejected
//
// A build that is no worse is called worse with probability ≤ `alarm`, one that is worse by the
// effect is called not worse with probability ≤ `miss`, over all looks together. Between them
// either may be said, and where neither can be, nothing is.

/// The values of one measure in both builds; the larger, the worse. +infinity: never came.
struct TwoSeries {
    std::vector<double> base{}, head{};
};

/// Trials that went wrong.
struct TwoTallies {
    std::uint64_t base_bad = 0, base_n = 0, head_bad = 0, head_n = 0;
};

/// The smallest worsening that counts, for one measure.
struct WorseningLimit {
    double relative = 0;  // of the base's value
    double absolute = 0;  // at least, or alone where `relative` is 0
    [[nodiscard]] double beyond(double base_value) const;
};

/// What one look at a measure tells.
struct LookEvidence {
    double p_no_change = 1;    // how well the trials agree with a head that is no worse
    double p_effect = 1;       // and with one that is worse by the effect
    bool effect_seen = false;  // the estimate lies at or beyond the effect
};

/// By the rank test of Mann and Whitney, twice: against the base as it is, and against the base
/// made worse by the effect. The estimate is Hodges and Lehmann's: it lies beyond the effect where
/// most pairs do. Free of distributions; ties and never-ended times take part by their ranks.
[[nodiscard]] LookEvidence look_at(const TwoSeries& series, const WorseningLimit& limit);

/// By Boschloo's test against no change; against the effect by Newcombe's interval and by Clopper's
/// and Pearson's of the head alone, which holds where nearly all trials went well; both must
/// exclude it. `effect`: a share of 1 of all trials.
[[nodiscard]] LookEvidence look_at(const TwoTallies& tallies, double effect);

enum class GateState {
    open,  // goes on
    not_worse,
    worse,
    undecidable,  // more trials, as many as there may be, would not decide either
};
[[nodiscard]] std::string_view name_of(GateState state);

/// How one measure is judged over a whole gate.
struct SequentialDesign {
    LookPlan looks{};
    std::vector<double> alarm_levels{}, miss_levels{};  // by look
};
/// `alarm`: this measure's share. Requires: both in (0, 1).
[[nodiscard]] SequentialDesign sequential_design(LookPlan looks, double alarm, double miss);

/// One measure from look to look. What is decided stays decided.
class SequentialTest {
  public:
    /// `alarm_only`: cannot be not worse, and stays open, without effect on the others.
    explicit SequentialTest(bool alarm_only = false) : alarm_only_(alarm_only) {}

    /// Takes the evidence of the look at `index`. Requires: ascending indices within the plan.
    void look(const SequentialDesign& design, std::size_t index, const LookEvidence& evidence);
    /// Worse beyond all chance: a fact.
    void fact(std::size_t index);

    [[nodiscard]] GateState state() const { return state_; }
    [[nodiscard]] bool alarm_only() const { return alarm_only_; }
    /// The look that decided, from 0; the last one while open.
    [[nodiscard]] std::size_t look_index() const { return index_; }
    [[nodiscard]] const LookEvidence& evidence() const { return evidence_; }

  private:
    [[nodiscard]] bool hopeless(const SequentialDesign& design) const;

    bool alarm_only_;
    GateState state_ = GateState::open;
    std::size_t index_ = 0;
    LookEvidence evidence_{};
};

}  // namespace faultline
