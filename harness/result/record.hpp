// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/summary.hpp"
#include "harness/scenario/model.hpp"
#include "harness/timeline/timeline.hpp"

namespace faultline {

/// Of run.json, trials.jsonl, summary.json and timeline.jsonl, whose schemas are in
/// scenarios/schema/.
inline constexpr int record_version = 1;

// Marks that keep a trial out of the fault trials.
inline constexpr std::string_view mark_disturbed = "disturbed";  // the target moved by itself
inline constexpr std::string_view mark_lag = "lag";  // the load lagged behind its schedule

/// One instance in one trial.
struct InstanceRecord {
    std::string name;
    std::string launch_method;  // "clone3", "boost.process"
    std::string cgroup;         // "cgroup v2" or "none: <why>"
    int starts = 0;
    std::optional<int> exit_code{};
    std::optional<int> exit_signal{};
    std::string output_folder{};                       // relative to the result directory
    std::optional<std::uint64_t> memory_peak_bytes{};  // the most resident, see Instance
};

/// One injection as recorded: the injection and what it cost.
struct InjectionRecord {
    Injection injection;
    InjectionMeasures measures;
};

/// One line of trials.jsonl.
struct TrialRecord {
    int trial = 0;  // from 1, over fault and control trials
    bool control = false;
    std::uint64_t seed = 0;
    TrialOutcome outcome = TrialOutcome::pass;
    std::string reason{};              // why not pass
    std::vector<std::string> marks{};  // "disturbed", "lag", "jitter", "fallback: SIGSTOP", ...
    std::vector<InjectionRecord> injections{};
    std::uint64_t operations_total = 0, operations_ok = 0, operations_failed = 0,
                  operations_unknown = 0;
    std::uint64_t operations_redirected = 0;  // how often one was sent again, elsewhere or later
    std::optional<Duration> lag_p99{};
    std::optional<std::uint64_t> acknowledged_writes{}, lost_writes{}, unknown_writes{};
    std::vector<std::string> lost_keys{};
    std::optional<std::uint64_t> reads_checked{}, stale_reads{};
    std::vector<std::string> stale_keys{};
    std::string write_check_note{};
    std::uint64_t false_detections = 0;
    Duration false_detection_exposure{};
    std::optional<Duration> machine_jitter_p99{};  // of a thread that only sleeps, during the trial
    std::uint64_t malformed_events = 0;
    std::vector<InstanceRecord> instances{};
    std::vector<std::string> leaks{};
    Duration took{};
    Duration harness_overhead{};  // beyond the scenario's own waits
    std::int64_t started_unix_ms = 0;
    std::optional<Instant> started{};  // the same moment on the clock of all other instants
};

/// What the judge needs of a trial. One that is marked disturbed or lagging does not count.
[[nodiscard]] TrialMeasured measured_of(const TrialRecord& record);

/// How wrong the numbers can be on this machine, from `faultline calibrate`. Units: nanoseconds.
struct InstrumentError {
    std::string measured_at{};  // ISO 8601; empty: never calibrated here
    std::optional<double> injection_lateness_p99{}, detection_error_p99{}, recovery_error_p99{};
};

/// The manifest, run.json.
struct RunRecord {
    std::string run;  // id
    std::string scenario_name;
    std::string scenario_file;
    std::string about{};
    std::map<std::string, std::string> parameters{};
    std::string scenario_json;  // as resolved
    std::uint64_t seed = 0;
    int trials_asked = 0, control_asked = 0;
    std::string started{};               // ISO 8601
    std::vector<std::string> command{};  // that repeats it
    std::string faultline_version{};
    std::map<std::string, std::string>
        machine{};  // kernel, cpu, cores, memory, governor, cgroup, ...
    InstrumentError instrument{};
    std::vector<TrialRecord> trials{};  // from trials.jsonl
    std::optional<Summary> summary{};   // from summary.json; absent while unfinished
};

// One spelling of each fact in JSON, for writing and for reading (json_fields.hpp).
// Errors: not JSON, a field that is missing or of the wrong type (with its path), another version.
[[nodiscard]] std::string encode_trial(const TrialRecord& record);  // one line, no newline
[[nodiscard]] Result<TrialRecord> decode_trial(const std::string& line);
[[nodiscard]] std::string encode_manifest(const RunRecord& record);
[[nodiscard]] Result<RunRecord> decode_manifest(const std::string& text);  // without trials
[[nodiscard]] std::string encode_summary(const Summary& summary, const InstrumentError& instrument);
[[nodiscard]] Result<Summary> decode_summary(const std::string& text);

}  // namespace faultline
