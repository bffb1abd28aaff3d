// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/result/record.hpp"
#include "reports/renderer.hpp"

namespace faultline::reports {

/// From the clock of a trial's instants to the time of day. The two are tied together at the start
/// of the trial; what the time of day was set or slewed meanwhile does not show.
struct TraceClock {
    Instant start{};                 // of the trial
    std::int64_t start_unix_ns = 0;  // the same moment
    /// How far the two can be from the same moment. Reading both takes microseconds, but the time
    /// of day is kept in whole milliseconds; records of older versions have no instant of the
    /// start, which then lies between what is known to come before and after it.
    Duration error{};

    [[nodiscard]] std::int64_t unix_ns(Instant at) const {
        return start_unix_ns + (at - start).count();
    }
};

/// A span of one trial, for any format of traces.
struct TraceSpan {
    std::string name;
    std::string parent{};    // path of the enclosing span; empty: none
    std::string path;        // unique within the trial: "trial/inject fault-1/recovery"
    std::string instance{};  // whose span it is; empty: the harness'
    Instant begin{}, end{};
    bool failed = false;
    std::string status{};  // why it failed
    std::vector<std::pair<std::string, std::string>> attributes{};
};

/// One trial as a trace: spans from its record, events and roles from its timeline.
struct TrialTrace {
    const TrialRecord* trial = nullptr;  // absent: the run has none
    std::optional<Timeline> timeline{};
    std::string missing{};  // why there is no timeline
    TraceClock clock{};
    Instant end{};
    std::vector<TraceSpan> spans{};  // a span comes after the one that encloses it
};

/// The trial asked for, else the one in the middle, else the first.
[[nodiscard]] TrialTrace trace_trial(const RunRecord& run, const RenderOptions& options);

/// Names that are the same whenever the same trial is rendered: 16 hexadecimal digits.
[[nodiscard]] std::string trace_hash(std::string_view text);

}  // namespace faultline::reports
