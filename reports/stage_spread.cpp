// SPDX-License-Identifier: Apache-2.0
#include "reports/stage_spread.hpp"

#include <algorithm>
#include <map>

#include "reports/findings.hpp"

namespace faultline::reports {
namespace {

Duration rank(const std::vector<Duration>& sorted, double q) {
    return sorted[quantile_index(sorted.size(), q)];
}

}  // namespace

std::vector<StageSpread> stage_spreads(const RunRecord& run) {
    std::map<std::string_view, std::vector<Duration>> told;
    for (const TrialRecord& trial : run.trials) {
        if (trial.control || is_invalid(trial) || trial.injections.empty()) continue;
        for (const NamedStage& stage : told_stages(trial.injections.front().measures.stages))
            told[stage.name].push_back(stage.at);
    }
    std::vector<StageSpread> spreads;
    for (auto& [name, spans] : told) {
        std::sort(spans.begin(), spans.end());
        spreads.push_back({.name = name,
                           .n = spans.size(),
                           .p10 = rank(spans, 0.1),
                           .p50 = rank(spans, 0.5),
                           .p90 = rank(spans, 0.9)});
    }
    std::stable_sort(spreads.begin(),
                     spreads.end(),
                     [](const StageSpread& a, const StageSpread& b) { return a.p50 < b.p50; });
    return spreads;
}

}  // namespace faultline::reports
