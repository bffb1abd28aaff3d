// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/model.hpp"
#include "harness/timeline/timeline.hpp"

namespace faultline {

/// The stages of a recovery, each as a span from t0. Absent: nobody said.
struct Stages {
    std::optional<Duration> effective{}, first_bad{}, detected{}, located{}, decided{}, repaired{},
        serving{}, redundant{}, verified{};
};

/// What one injection cost. DESIGN section "The measures, exactly"; "good" is by `recovery`.
struct InjectionMeasures {
    std::optional<Duration> detection_time{};  // absent: not detected within
    std::string detected_by{};                 // "log sentinel[1]"
    Duration detection_observed_for{};         // how long a detection was waited for
    bool masked = false;                       // no operation after t0 was bad; recovery_time is 0
    bool censored = false;                     // not recovered by the deadline
    std::optional<Duration> recovery_time{};   // absent and not censored: there was no load to tell
    std::optional<Duration> recovery_resolution{};  // the larger gap between g and its neighbours
    /// Recovery would have been seen until then: the censoring time. A recovery needs its whole
    /// window observed, so this ends one window before the log does.
    Duration observed_for{};
    bool relapsed = false;  // a whole window below the condition after recovery, before the next t0
    Duration downtime{};    // inside bad intervals, until the next injection or the end
    std::optional<double> success_rate{};  // over [t0, t0 + window]; absent without operations
    std::uint64_t operations = 0;          // in that window
    std::uint64_t good_operations = 0;
    std::optional<Duration> redundancy_time{};
    Stages stages{};
    std::string diagnosis{};  // "cause" of the first `diagnosed` event; empty: none
};

struct TrialMeasures {
    std::vector<InjectionMeasures> injections{};               // one per Timeline::injections
    std::uint64_t total = 0, ok = 0, failed = 0, unknown = 0;  // operations
    std::optional<Duration> lag_p99{};
    /// Signals from steady state to the first injection, or to the end in a control trial.
    std::uint64_t false_detections = 0;
    Duration false_detection_exposure{};  // the time in which they could have come
};

/// Whether an operation is good under a condition. Latency counts from the intended start.
[[nodiscard]] bool is_good(const Operation& operation, const ConditionSpec& condition);

/// Measures a whole trial. Pure.
[[nodiscard]] TrialMeasures measure_trial(const Scenario& scenario,
                                          const Timeline& timeline,
                                          bool control);

/// Watches a condition while a load runs: fed with settled operations in order of intended start.
/// Used for steady state and to know when to stop waiting for recovery; the numbers come from
/// `measure_trial` alone. A window is judged when the first operation beyond it is fed, so a load
/// without operations never holds. Constant time an operation, memory for one window.
class ConditionWatch {
  public:
    ConditionWatch(ConditionSpec condition, Instant from);
    /// Operations intended before `from` are ignored.
    void feed(const Operation& operation);
    /// The end of the first good operation that opened a window in which the condition held.
    [[nodiscard]] std::optional<Instant> held_since() const { return held_since_; }
    /// The same, of operations after the first bad one: recovery as far as it can be told live.
    [[nodiscard]] std::optional<Instant> held_after_bad() const { return held_after_bad_; }
    [[nodiscard]] bool saw_bad() const { return saw_bad_; }
    /// Share of good operations in the last window; 0 before the first operation.
    [[nodiscard]] double recent_success() const;

  private:
    struct Watched {
        std::int64_t intended_ns;
        std::int64_t end_ns;
        bool good;
        bool after_bad;
    };
    void judge_first();

    ConditionSpec condition_;
    Instant from_;
    std::deque<Watched> window_{};
    std::size_t good_count_ = 0;
    bool saw_bad_ = false;
    std::optional<Instant> held_since_{};
    std::optional<Instant> held_after_bad_{};
};

}  // namespace faultline
