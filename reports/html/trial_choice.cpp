// SPDX-License-Identifier: Apache-2.0
#include "reports/html/trial_choice.hpp"

#include <algorithm>
#include <set>

#include "reports/findings.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t of_each_kind = 4;

class Chooser {
  public:
    void add(const TrialRecord* trial) {
        if (trial != nullptr && known_.insert(trial->trial).second)
            chosen_.trials.push_back(trial->trial);
    }
    /// The first few that are so.
    template <class IsSo>
    void add_some(const RunRecord& run, IsSo is_so) {
        std::size_t count = 0;
        for (const TrialRecord& trial : run.trials) {
            if (!is_so(trial)) continue;
            add(&trial);
            if (++count == of_each_kind) return;
        }
    }
    void mark_telling() { chosen_.telling = chosen_.trials.size(); }
    [[nodiscard]] TrialChoice finish() { return std::move(chosen_); }

  private:
    std::set<int> known_{};
    TrialChoice chosen_{};
};

/// The trial with the longest of a span that is known.
const TrialRecord* slowest(const RunRecord& run, std::optional<Duration> InjectionMeasures::*span) {
    const TrialRecord* found = nullptr;
    Duration longest{};
    for (const TrialRecord& trial : run.trials) {
        if (trial.control || is_invalid(trial) || trial.injections.empty()) continue;
        const auto& value = trial.injections.front().measures.*span;
        if (!value || (found != nullptr && *value <= longest)) continue;
        found = &trial;
        longest = *value;
    }
    return found;
}

bool is_censored(const TrialRecord& trial) {
    return std::any_of(trial.injections.begin(),
                       trial.injections.end(),
                       [](const InjectionRecord& record) { return record.measures.censored; });
}

}  // namespace

TrialChoice choose_trials(const RunRecord& run, std::optional<int> asked) {
    Chooser chooser;
    if (asked) {
        chooser.add_some(run, [&](const TrialRecord& trial) { return trial.trial == *asked; });
    }
    chooser.add(median_trial(run));
    chooser.add(slowest(run, &InjectionMeasures::recovery_time));
    chooser.add(slowest(run, &InjectionMeasures::detection_time));
    chooser.add_some(run,
                     [](const TrialRecord& trial) { return trial.lost_writes.value_or(0) > 0; });
    chooser.add_some(run,
                     [](const TrialRecord& trial) { return trial.stale_reads.value_or(0) > 0; });
    chooser.add_some(run, is_censored);
    chooser.add_some(run, [](const TrialRecord& trial) { return is_invalid(trial); });
    if (!run.trials.empty()) chooser.add(&run.trials.front());
    chooser.add_some(run, [](const TrialRecord& trial) { return trial.control; });
    chooser.mark_telling();
    for (const TrialRecord& trial : run.trials)
        chooser.add(&trial);
    return chooser.finish();
}

}  // namespace faultline::reports
