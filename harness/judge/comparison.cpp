// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/judge/comparison_evidence.hpp"

namespace faultline {
namespace {

// In the order in which they are shown: the three numbers first.
constexpr std::array<const char*, 2> first_spans{"detection_time", "recovery_time"};
constexpr std::array<const char*, 2> further_spans{"downtime", "redundancy_time"};
constexpr std::array<const char*, 4> all_proportions{
    "detected", "recovered", "diagnosed", "masked"};
constexpr std::array<const char*, 4> all_counts{
    "lost_writes", "stale_reads", "false_detections", "unknown_writes"};
constexpr const char* success = "success_rate";

/// The measures that both runs have, or those that were asked for.
class Gathering {
  public:
    Gathering(const Columns& base, const Columns& head, const ComparisonOptions& options)
        : base_(base), head_(head), options_(options) {}

    std::vector<ComparisonEvidence> gather() && {
        for (std::size_t index = 0; index < head_.injections.size(); ++index) {
            const InjectionColumns& head = head_.injections[index];
            injection_ = index == 0 ? "" : head.id;
            alias_ = head.id;
            add_injection(base_.injections.at(index), head);
        }
        injection_.clear();
        alias_.clear();
        for (const char* name : all_counts)
            add_count(name, base_.counts.at(name), head_.counts.at(name));
        return std::move(all_);
    }

  private:
    [[nodiscard]] std::string full_name(const std::string& name) const {
        return injection_.empty() ? name : injection_ + "." + name;
    }
    [[nodiscard]] bool asked(const std::string& name) const {
        const auto& asked = options_.measures;
        return std::ranges::find(asked, full_name(name)) != asked.end() ||
               (!alias_.empty() && std::ranges::find(asked, alias_ + "." + name) != asked.end());
    }
    /// `worth_it`: whether it is shown when nobody asked for anything.
    [[nodiscard]] bool wanted(const std::string& name, bool worth_it) const {
        return options_.measures.empty() ? worth_it : asked(name);
    }
    void add(ComparisonEvidence evidence) {
        evidence.row.name = full_name(evidence.subject);
        evidence.injection = injection_;
        evidence.row.p = std::min(1.0, 2 * std::min(evidence.row.p_worse, evidence.row.p_better));
        all_.push_back(std::move(evidence));
    }

    void add_injection(const InjectionColumns& base, const InjectionColumns& head) {
        for (const char* name : first_spans)
            add_span(name, base, head);
        if (wanted(success, !base.success_rate.empty() && !head.success_rate.empty()))
            add(compare_shares(success, base.success_rate, head.success_rate, options_));
        for (const char* name : further_spans)
            add_span(name, base, head);
        for (const char* name : all_proportions)
            add_proportion(name, base, head);
    }
    void add_span(const std::string& name,
                  const InjectionColumns& base,
                  const InjectionColumns& head) {
        const Sample& of_base = base.spans.at(name);
        const Sample& of_head = head.spans.at(name);
        if (wanted(name, !of_base.empty() && !of_head.empty()))
            add(compare_spans(name, of_base, of_head, options_));
    }
    void add_proportion(const std::string& name,
                        const InjectionColumns& base,
                        const InjectionColumns& head) {
        const Tally& of_base = base.proportions.at(name);
        const Tally& of_head = head.proportions.at(name);
        const bool broken = of_base.k < of_base.n || of_head.k < of_head.n;
        // Nobody expects a diagnosis of a target that never names a cause.
        const bool mute = name == "diagnosed" && base.diagnoses.empty() && head.diagnoses.empty();
        const bool both = of_base.n > 0 && of_head.n > 0;
        if (wanted(name, both && broken && !mute && name != "masked"))
            add(compare_proportions(name, of_base, of_head, options_));
    }
    void add_count(const std::string& name, const Sample& base, const Sample& head) {
        const auto any = [](const Sample& sample) {
            return !sample.empty() && sample.latest().back() > 0;
        };
        const bool both = !base.empty() && !head.empty();
        bool worth_it = false;
        if (name == "lost_writes") worth_it = both || any(head);
        if (name == "stale_reads" || name == "false_detections")
            worth_it = both && (any(base) || any(head));
        if (wanted(name, worth_it)) add(compare_counts(name, base, head, options_));
    }

    const Columns& base_;
    const Columns& head_;
    const ComparisonOptions& options_;
    std::string injection_{}, alias_{};
    std::vector<ComparisonEvidence> all_{};
};

/// Holm: the smallest p times the number of tests, the next one times one less, and never falling.
void adjust(std::vector<ComparisonEvidence>& all, double MeasureComparison::*p) {
    std::vector<ComparisonEvidence*> tests;
    for (ComparisonEvidence& evidence : all) {
        if (evidence.testable && !evidence.fact) tests.push_back(&evidence);
    }
    std::ranges::stable_sort(tests, [p](const ComparisonEvidence* a, const ComparisonEvidence* b) {
        return a->row.*p < b->row.*p;
    });
    double least = 0;
    for (std::size_t index = 0; index < tests.size(); ++index) {
        const double factor = static_cast<double>(tests.size() - index);
        least = std::max(least, std::min(1.0, tests[index]->row.*p * factor));
        tests[index]->row.*p = least;
    }
}

Change decide(const ComparisonEvidence& evidence, const ComparisonOptions& options) {
    if (evidence.fact) return *evidence.fact;
    const double alarm = (1 - options.confidence) * (1 + 1e-9);  // 1 - 0.95 is not quite 0.05
    if (evidence.moved_worse && evidence.row.p_worse <= alarm) return Change::worse;
    if (evidence.moved_better && evidence.row.p_better <= alarm) return Change::better;
    return evidence.within ? Change::same : Change::inconclusive;
}

Change overall(const std::vector<MeasureComparison>& measures) {
    const auto any = [&](Change change) {
        return std::ranges::find(measures, change, &MeasureComparison::change) != measures.end();
    };
    if (any(Change::worse)) return Change::worse;
    if (measures.empty() || any(Change::inconclusive)) return Change::inconclusive;
    return any(Change::better) ? Change::better : Change::same;
}

std::string summarise_undecided(const std::vector<const MeasureComparison*>& undecided) {
    std::size_t needed = 0;
    for (const MeasureComparison* measure : undecided)
        needed = std::max(needed, measure->trials_needed.value_or(0));
    std::string text = fmt::format(
        "nothing is shown to be worse, but {}",
        undecided.size() == 1 ? undecided.front()->name + " is not decided"
                              : fmt::format("{} measures are not decided", undecided.size()));
    if (needed > 0) text += fmt::format("; about {} trials a side would tell", needed);
    return text;
}

std::string reason_of(const RunComparison& comparison) {
    std::vector<const MeasureComparison*> telling;
    for (const MeasureComparison& measure : comparison.measures) {
        if (measure.change == comparison.change) telling.push_back(&measure);
    }
    if (telling.empty()) return "the two runs have no measure in common";
    const std::string more = telling.size() == 1
                                 ? ""
                                 : fmt::format("; and {} more measure{} {}",
                                               telling.size() - 1,
                                               telling.size() == 2 ? " is" : "s are",
                                               name_of(comparison.change));
    switch (comparison.change) {
        case Change::worse:
        case Change::better:
            return telling.front()->explanation + more;
        case Change::same:
            return fmt::format("no measure changed by as much as {:.3g} %",
                               comparison.options.effect * 100);
        case Change::inconclusive:
            return summarise_undecided(telling);
    }
    return "";
}

}  // namespace

std::string_view name_of(Change change) {
    switch (change) {
        case Change::better:
            return "better";
        case Change::same:
            return "same";
        case Change::worse:
            return "worse";
        case Change::inconclusive:
            return "inconclusive";
    }
    return "";
}

RunOutcome outcome_of(Change change) {
    switch (change) {
        case Change::better:
        case Change::same:
            return RunOutcome::pass;
        case Change::worse:
            return RunOutcome::fail;
        case Change::inconclusive:
            return RunOutcome::inconclusive;
    }
    return RunOutcome::inconclusive;
}

std::string_view name_of(MeasureComparison::Unit unit) {
    switch (unit) {
        case MeasureComparison::Unit::span:
            return "span";
        case MeasureComparison::Unit::share:
            return "share";
        case MeasureComparison::Unit::proportion:
            return "proportion";
        case MeasureComparison::Unit::count:
            return "count";
    }
    return "";
}

std::vector<std::string> comparable_measures(const Scenario& scenario) {
    std::vector<std::string> names;
    for (std::size_t index = 0; index < scenario.faults.size(); ++index) {
        const auto add = [&](const char* name) {
            names.push_back(index == 0 ? name : scenario.faults[index].id + "." + name);
        };
        for (const char* name : first_spans)
            add(name);
        add(success);
        for (const char* name : further_spans)
            add(name);
        for (const char* name : all_proportions)
            add(name);
    }
    names.insert(names.end(), all_counts.begin(), all_counts.end());
    return names;
}

RunComparison compare_trials(const Scenario& scenario,
                             std::span<const TrialMeasured> base,
                             std::span<const TrialMeasured> head,
                             const ComparisonOptions& options) {
    FL_CHECK_OP(>, options.effect, 0.0);
    FL_CHECK(options.confidence > 0 && options.confidence < 1);
    RunComparison comparison{.options = options};
    const Columns of_base = columns_of(scenario, base);
    const Columns of_head = columns_of(scenario, head);
    std::vector<ComparisonEvidence> all = Gathering(of_base, of_head, options).gather();
    adjust(all, &MeasureComparison::p);
    adjust(all, &MeasureComparison::p_worse);
    adjust(all, &MeasureComparison::p_better);
    for (ComparisonEvidence& evidence : all) {
        evidence.row.change = decide(evidence, options);
        const bool open = evidence.row.change == Change::inconclusive;
        if (open && evidence.needed != never_enough) evidence.row.trials_needed = evidence.needed;
        evidence.row.explanation = explain_change(evidence, options);
        comparison.measures.push_back(std::move(evidence.row));
    }
    comparison.change = overall(comparison.measures);
    comparison.reason = reason_of(comparison);
    return comparison;
}

}  // namespace faultline
