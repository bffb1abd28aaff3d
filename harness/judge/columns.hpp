// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/judge/sample.hpp"
#include "harness/judge/summary.hpp"

namespace faultline {

/// Successes of trials.
struct Tally {
    std::uint64_t k = 0, n = 0;
    void add(bool success) {
        ++n;
        k += success ? 1 : 0;
    }
};

/// One injection id, its measures as columns over the counted fault trials.
struct InjectionColumns {
    std::string id;
    std::map<std::string, Sample> spans{};
    Sample success_rate{};
    std::map<std::string, Tally> proportions{};
    std::map<std::string, std::map<std::string, std::uint64_t>> diagnoses{};
};

/// The trials turned into columns. trial rows ─► columns ─► summaries and verdicts.
struct Columns {
    std::vector<InjectionColumns> injections{};
    std::map<std::string, Sample> counts{};
    Duration false_detection_exposure{};
};

[[nodiscard]] bool counts_as_fault(const TrialMeasured& trial);
[[nodiscard]] bool counts_as_control(const TrialMeasured& trial);

[[nodiscard]] Columns columns_of(const Scenario& scenario, std::span<const TrialMeasured> trials);

[[nodiscard]] InjectionSummary summarise(const InjectionColumns& columns);
[[nodiscard]] CountSummary summarise_count(const Sample& sample);

/// What the columns say about one expectation.
[[nodiscard]] ExpectationResult judge_expectation(const Expectation& expectation,
                                                  const Columns& columns);

}  // namespace faultline
