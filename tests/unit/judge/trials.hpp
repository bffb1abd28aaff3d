// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/judge/summary.hpp"

namespace faultline {

using namespace std::chrono_literals;

/// A scenario with one fault, and trials of it made by hand.
struct RunStory {
    Scenario scenario{};
    std::vector<TrialMeasured> trials{};

    RunStory() {
        scenario.faults.push_back({.id = "fault-1", .kind = "process.crash"});
        scenario.detection.push_back({});
        scenario.detection_within = 10s;
    }

    /// A trial that recovered and was detected in 100 ms.
    TrialMeasured& recovered(Duration recovery) {
        InjectionMeasures measures;
        measures.detection_time = 100ms;
        measures.recovery_time = recovery;
        measures.observed_for = 30s;
        measures.masked = recovery == Duration::zero();
        measures.downtime = recovery;
        measures.success_rate = 0.9;
        return add(measures);
    }
    TrialMeasured& never_recovered(Duration observed_for = 30s) {
        InjectionMeasures measures;
        measures.censored = true;
        measures.observed_for = observed_for;
        measures.downtime = observed_for;
        measures.success_rate = 0.1;
        return add(measures);
    }
    TrialMeasured& control() {
        TrialMeasured& trial = trials.emplace_back();
        trial.control = true;
        return trial;
    }
    TrialMeasured& ended(TrialOutcome outcome) {
        TrialMeasured& trial = trials.emplace_back();
        trial.outcome = outcome;
        return trial;
    }
    /// Recovery times of 1 s, 2 s, ... n s.
    RunStory& seconds_up_to(int n) {
        for (int second = 1; second <= n; ++second)
            recovered(std::chrono::seconds(second));
        return *this;
    }

    RunStory& expect(Expectation expectation) {
        scenario.expectations.push_back(std::move(expectation));
        return *this;
    }
    [[nodiscard]] Summary judged() const { return judge(scenario, trials); }
    [[nodiscard]] ExpectationResult first() const { return judged().expectations.at(0); }

  private:
    TrialMeasured& add(const InjectionMeasures& measures) {
        TrialMeasured& trial = trials.emplace_back();
        trial.injection_ids = {"fault-1"};
        trial.injections = {measures};
        return trial;
    }
};

/// "recovery_time.pQ comparison value [@ confidence]" as an expectation.
inline Expectation recovery_quantile(double q,
                                     Comparison comparison,
                                     Duration value,
                                     std::optional<double> confidence = std::nullopt) {
    return {.text = "the expectation",
            .metric = "recovery_time",
            .shape = MeasureShape::span,
            .stat = "p" + std::to_string(static_cast<int>(q * 100)),
            .quantile = q,
            .comparison = comparison,
            .value = static_cast<double>(value.count()),
            .confidence = confidence};
}

inline Expectation proportion(const std::string& metric,
                              Comparison comparison,
                              double value,
                              std::optional<double> confidence = std::nullopt) {
    return {.text = "the expectation",
            .metric = metric,
            .shape = MeasureShape::proportion,
            .comparison = comparison,
            .value = value,
            .confidence = confidence};
}

}  // namespace faultline
