// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "reports/trial_digest.hpp"

namespace faultline::reports {

/// One trial to read, and how much of it to keep.
struct TrialWanted {
    int trial = 0;
    DigestDetail detail{};
};

/// Reads the timelines of trials below `directory` and digests each at once, so that as many
/// timelines are in memory as there are threads. Shape: in the order wanted; a timeline that is not
/// there or cannot be read is `missing`, with the reason. Thread: starts and joins up to
/// `reading_threads` of its own.
inline constexpr std::size_t reading_threads = 2;
[[nodiscard]] std::vector<TrialDigest> read_trials(const std::filesystem::path& directory,
                                                   const std::vector<TrialWanted>& wanted,
                                                   const DigestOptions& options);

/// A grid that shows the success rate around the first injection: from before it to well after the
/// usual recovery.
[[nodiscard]] AlignedGrid grid_around_injection(const RunRecord& run);

/// The success rate over time, all trials aligned at their first injection.
struct SuccessCurve {
    struct Point {
        Duration at{};  // the middle of the bin
        std::uint64_t good = 0, all = 0;
        double low = 0, high = 0;  // of the trials: the 10 % and the 90 % quantile
    };
    std::size_t trials = 0;
    Duration width{};
    std::vector<Point> points{};  // bins without operations are left out
};
/// Of the counted fault trials that have a timeline.
[[nodiscard]] SuccessCurve success_curve(const RunRecord& run,
                                         const std::vector<TrialDigest>& digests,
                                         const AlignedGrid& grid);

}  // namespace faultline::reports
