// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/columns.hpp"

#include <algorithm>
#include <utility>

namespace faultline {
namespace {

double nanoseconds(Duration span) {
    return static_cast<double>(span.count());
}

/// The target named what the scenario says; without that the kind ("process.crash") or its effect
/// ("crash").
bool is_right(const std::string& diagnosis, const FaultSpec& fault) {
    if (fault.diagnosis) return diagnosis == *fault.diagnosis;
    return diagnosis == fault.kind || diagnosis == fault.kind.substr(fault.kind.find('.') + 1);
}

class InjectionCollector {
  public:
    InjectionCollector(const Scenario& scenario, std::size_t index)
        : scenario_(scenario), fault_(scenario.faults[index]), index_(index) {}

    void add(const TrialMeasured& trial) {
        const InjectionMeasures* found = find(trial);
        if (found == nullptr) return;
        const InjectionMeasures& measures = *found;
        add_detection(measures);
        add_recovery(measures);
        add_redundancy(measures);
        if (measures.success_rate) success_rates_.push_back({*measures.success_rate, false});
        diagnosed_.add(is_right(measures.diagnosis, fault_));
        ++causes_[measures.diagnosis.empty() ? "none" : measures.diagnosis];
    }

    InjectionColumns finish() && {
        InjectionColumns columns;
        columns.id = fault_.id;
        columns.spans.emplace("detection_time", detection_times_);
        columns.spans.emplace("recovery_time", recovery_times_);
        columns.spans.emplace("downtime", downtimes_);
        columns.spans.emplace("redundancy_time", redundancy_times_);
        columns.success_rate = Sample(success_rates_);
        columns.proportions = {{"detected", detected_},
                               {"recovered", recovered_},
                               {"masked", masked_},
                               {"diagnosed", diagnosed_}};
        const bool any_cause = causes_.size() > causes_.count("none");
        // Asked for, a diagnosis that nobody ever made is a finding too.
        if (any_cause || (fault_.diagnosis && !causes_.empty()))
            columns.diagnoses[fault_.kind] = std::move(causes_);
        return columns;
    }

  private:
    /// Trials list injections as they were fired, usually all of them in the scenario's order.
    const InjectionMeasures* find(const TrialMeasured& trial) const {
        const auto& ids = trial.injection_ids;
        const std::size_t known = std::min(ids.size(), trial.injections.size());
        if (index_ < known && ids[index_] == fault_.id) return &trial.injections[index_];
        for (std::size_t i = 0; i < known; ++i) {
            if (ids[i] == fault_.id) return &trial.injections[i];
        }
        return nullptr;
    }

    void add_detection(const InjectionMeasures& measures) {
        if (measures.detection_time) {
            detection_times_.push_back({nanoseconds(*measures.detection_time), false});
        } else if (!scenario_.detection.empty()) {
            const bool known = measures.detection_observed_for > Duration::zero();
            const Duration waited =
                known ? measures.detection_observed_for : scenario_.detection_within;
            detection_times_.push_back({nanoseconds(waited), true});
        } else {
            return;  // nothing was to be detected
        }
        detected_.add(measures.detection_time.has_value());
    }

    void add_recovery(const InjectionMeasures& measures) {
        if (!measures.recovery_time && !measures.censored) return;  // no load to tell
        const bool recovered = measures.recovery_time.has_value();
        const Duration time = measures.recovery_time.value_or(measures.observed_for);
        recovery_times_.push_back({nanoseconds(time), !recovered});
        // Who never came back was down for longer than anybody looked.
        downtimes_.push_back({nanoseconds(measures.downtime), !recovered});
        recovered_.add(recovered);
        masked_.add(measures.masked);
    }

    void add_redundancy(const InjectionMeasures& measures) {
        if (measures.redundancy_time) {
            redundancy_times_.push_back({nanoseconds(*measures.redundancy_time), false});
        } else if (scenario_.redundancy) {
            redundancy_times_.push_back({nanoseconds(scenario_.redundancy->within), true});
        }
    }

    const Scenario& scenario_;
    const FaultSpec& fault_;
    std::size_t index_;
    std::vector<Survival> detection_times_{}, recovery_times_{}, downtimes_{}, redundancy_times_{};
    std::vector<Survival> success_rates_{};
    Tally detected_{}, recovered_{}, masked_{}, diagnosed_{};
    std::map<std::string, std::uint64_t> causes_{};
};

void add_count(std::vector<Survival>& counts, const std::optional<std::uint64_t>& count) {
    if (count) counts.push_back({static_cast<double>(*count), false});
}

}  // namespace

bool counts_as_fault(const TrialMeasured& trial) {
    return !trial.control && trial.outcome == TrialOutcome::pass && !trial.disturbed;
}

bool counts_as_control(const TrialMeasured& trial) {
    return trial.control && trial.outcome == TrialOutcome::pass;
}

Columns columns_of(const Scenario& scenario, std::span<const TrialMeasured> trials) {
    Columns columns;
    for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
        InjectionCollector collector(scenario, i);
        for (const TrialMeasured& trial : trials) {
            if (counts_as_fault(trial)) collector.add(trial);
        }
        columns.injections.push_back(std::move(collector).finish());
    }
    std::vector<Survival> lost, unknown, stale, false_detections;
    for (const TrialMeasured& trial : trials) {
        if (!counts_as_fault(trial) && !counts_as_control(trial)) continue;
        add_count(lost, trial.lost_writes);
        add_count(unknown, trial.unknown_writes);
        add_count(stale, trial.stale_reads);
        add_count(false_detections, trial.false_detections);
        columns.false_detection_exposure += trial.false_detection_exposure;
    }
    columns.counts.emplace("lost_writes", Sample(lost));
    columns.counts.emplace("unknown_writes", Sample(unknown));
    columns.counts.emplace("stale_reads", Sample(stale));
    columns.counts.emplace("false_detections", Sample(false_detections));
    return columns;
}

}  // namespace faultline
