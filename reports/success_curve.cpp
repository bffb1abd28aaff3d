// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "reports/findings.hpp"
#include "reports/trial_reading.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t bins_on_curve = 120;
constexpr double share_before = 0.2;  // of the curve, before the injection
constexpr Duration shown_min = std::chrono::milliseconds(100);
constexpr Duration shown_max = std::chrono::minutes(5);

bool counts(const TrialRecord& trial) {
    return !trial.control && !is_invalid(trial) && !trial.injections.empty();
}

/// The span within which nearly all trials had recovered, or were given up.
Duration usual_recovery(const RunRecord& run) {
    std::vector<Duration> spans;
    for (const TrialRecord& trial : run.trials) {
        if (!counts(trial)) continue;
        const InjectionMeasures& measures = trial.injections.front().measures;
        spans.push_back(measures.recovery_time.value_or(measures.observed_for));
    }
    if (spans.empty()) return {};
    constexpr double nearly_all = 0.95;
    const auto place = static_cast<std::ptrdiff_t>(quantile_index(spans.size(), nearly_all));
    std::nth_element(spans.begin(), spans.begin() + place, spans.end());
    return spans[static_cast<std::size_t>(place)];
}

SuccessCurve::Point point_of(std::vector<double>& shares) {
    std::sort(shares.begin(), shares.end());
    SuccessCurve::Point point;
    point.low = quantile(shares, 0.1);
    point.high = quantile(shares, 0.9);
    return point;
}

}  // namespace

AlignedGrid grid_around_injection(const RunRecord& run) {
    const Duration after = std::clamp(usual_recovery(run) * 2, shown_min, shown_max);
    const double width = seconds_of(after) / ((1 - share_before) * bins_on_curve);
    AlignedGrid grid;
    grid.width = std::max<Duration>(Duration(1000), duration_of_seconds(width));
    // The injection is where one bin ends and the next begins.
    grid.from = -grid.width * std::llround(share_before * bins_on_curve);
    grid.size = bins_on_curve;
    return grid;
}

SuccessCurve success_curve(const RunRecord& run,
                           const std::vector<TrialDigest>& digests,
                           const AlignedGrid& grid) {
    SuccessCurve curve;
    curve.width = grid.width;
    std::map<int, const TrialDigest*> by_trial;
    for (const TrialDigest& digest : digests)
        if (!digest.aligned.empty()) by_trial[digest.trial] = &digest;
    std::vector<const TrialDigest*> shown;
    for (const TrialRecord& trial : run.trials) {
        const auto found = by_trial.find(trial.trial);
        if (counts(trial) && found != by_trial.end()) shown.push_back(found->second);
    }
    curve.trials = shown.size();
    for (std::size_t bin = 0; bin < grid.size; ++bin) {
        std::vector<double> shares;
        AlignedCount sum;
        for (const TrialDigest* digest : shown) {
            const AlignedCount& count = digest->aligned[bin];
            if (count.all == 0) continue;
            sum.good += count.good;
            sum.all += count.all;
            shares.push_back(static_cast<double>(count.good) / count.all);
        }
        if (shares.empty()) continue;
        SuccessCurve::Point point = point_of(shares);
        point.at = grid.from + grid.width * static_cast<int>(bin) + grid.width / 2;
        point.good = sum.good;
        point.all = sum.all;
        curve.points.push_back(point);
    }
    return curve;
}

}  // namespace faultline::reports
