// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/gate.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace faultline {
namespace {

WorseningLimit limit_of(const GateMeasure& measure, const GateRules& rules) {
    if (measure.shape != MeasureShape::span) return {.absolute = rules.effect};
    const double instrument =
        measure.metric == "detection_time" ? rules.detection_error : rules.recovery_error;
    return {.relative = rules.effect,
            .absolute = std::max(static_cast<double>(least_effect.count()), instrument)};
}

/// "10 %", "10 points".
std::string say_amount(const GateMeasure& measure, double effect) {
    return fmt::format(
        "{:g} {}", effect * 100, measure.shape == MeasureShape::span ? "%" : "points");
}
std::string say_effect(const GateMeasure& measure, double effect) {
    return say_amount(measure, effect) +
           (measure.shape == MeasureShape::span ? " longer" : " worse");
}

std::string say_chance(double p) {
    return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

bool is_new_loss(const GateMeasure& measure, const GateSample& sample) {
    const auto* tallies = std::get_if<TwoTallies>(&sample);
    return measure.metric == "lost_writes" && tallies != nullptr && tallies->base_n > 0 &&
           tallies->base_bad == 0 && tallies->head_bad > 0;
}

SequentialDesign design_of(const GateRules& rules, std::size_t measures) {
    return sequential_design(plan_looks(rules.trials_max, rules.base_fixed),
                             rules.alarm / static_cast<double>(measures),
                             rules.miss);
}

}  // namespace

Gate::Gate(const Scenario& scenario, std::vector<GateMeasure> measures, const GateRules& rules)
    : scenario_(scenario), rules_(rules), design_(design_of(rules, measures.size())) {
    for (GateMeasure& measure : measures) {
        Watched watched{.measure = std::move(measure), .test = SequentialTest(false)};
        watched.test = SequentialTest(watched.measure.alarm_only);
        watched.decision.name = watched.measure.name;
        watched.decision.alarm_only = watched.measure.alarm_only;
        watched_.push_back(std::move(watched));
    }
}

void Gate::look(std::size_t index,
                std::span<const TrialMeasured> base,
                std::span<const TrialMeasured> head) {
    const Columns base_columns = columns_of(scenario_, base);
    const Columns head_columns = columns_of(scenario_, head);
    for (Watched& watched : watched_)
        look_at_one(watched, index, base_columns, head_columns);
    trials_ = design_.looks.trials.at(index);
}

void Gate::look_at_one(Watched& watched,
                       std::size_t index,
                       const Columns& base,
                       const Columns& head) {
    const GateState before = watched.test.state();
    if (before == GateState::worse || before == GateState::not_worse) return;
    const GateSample sample = gate_sample(watched.measure, base, head);
    MeasureDecision& decision = watched.decision;
    if (const auto* series = std::get_if<TwoSeries>(&sample)) {
        watched.test.look(design_, index, look_at(*series, limit_of(watched.measure, rules_)));
        decision.base_n = series->base.size();
        decision.head_n = series->head.size();
    } else if (const auto* tallies = std::get_if<TwoTallies>(&sample)) {
        watched.test.look(design_, index, look_at(*tallies, rules_.effect));
        decision.base_n = tallies->base_n;
        decision.head_n = tallies->head_n;
    }
    if (is_new_loss(watched.measure, sample)) {
        watched.test.fact(index);
        decision.fact = true;
    }
    decision.state = watched.test.state();
    decision.look = index + 1;
    decision.p_no_change = watched.test.evidence().p_no_change;
    decision.p_effect = watched.test.evidence().p_effect;
    decision.alarm_level = design_.alarm_levels[index];
    decision.miss_level = design_.miss_levels[index];
}

bool Gate::over() const {
    return state() != GateState::open;
}

GateState Gate::state() const {
    const auto any = [this](GateState state) {
        return std::ranges::any_of(watched_, [state](const Watched& watched) {
            const bool counts = state == GateState::worse || !watched.measure.alarm_only;
            return counts && watched.test.state() == state;
        });
    };
    if (any(GateState::worse)) return GateState::worse;
    if (any(GateState::open)) return GateState::open;
    if (any(GateState::undecidable)) return GateState::undecidable;
    const bool enough = trials_ >= std::min(pass_least, rules_.trials_max);
    return enough ? GateState::not_worse : GateState::open;
}

std::string Gate::explain(const Watched& watched) const {
    const MeasureDecision& decision = watched.decision;
    const std::string effect = say_effect(watched.measure, rules_.effect);
    if (decision.look == 0) return "no trial was measured";
    if (decision.base_n == 0 || decision.head_n == 0) return "not measured in both builds";
    switch (decision.state) {
        case GateState::worse:
            if (decision.fact) return "acknowledged writes were lost, which the base never did";
            return fmt::format(
                "worse, by {} or more as far as the trials tell, and not by chance "
                "({}, {:.4f} allowed)",
                say_amount(watched.measure, rules_.effect),
                say_chance(decision.p_no_change),
                decision.alarm_level);
        case GateState::not_worse:
            return fmt::format("not {} ({}, {:.4f} allowed)",
                               effect,
                               say_chance(decision.p_effect),
                               decision.miss_level);
        case GateState::undecidable:
            return fmt::format(
                "given up: {} trials of each build would hardly tell whether it is "
                "{}; allow more, or ask for a larger --effect",
                rules_.trials_max,
                effect);
        case GateState::open:
            if (decision.alarm_only) return "no alarm";
            return fmt::format(
                "cannot tell: neither that it is worse ({}) nor that it is not {} "
                "({}) is sure enough; allow more trials, or ask for a larger "
                "--effect",
                say_chance(decision.p_no_change),
                effect,
                say_chance(decision.p_effect));
    }
    return "";
}

std::vector<MeasureDecision> Gate::decisions() const {
    std::vector<MeasureDecision> decisions;
    for (const Watched& watched : watched_) {
        decisions.push_back(watched.decision);
        decisions.back().explanation = explain(watched);
    }
    return decisions;
}

}  // namespace faultline
