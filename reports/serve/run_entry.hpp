// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"

namespace faultline::reports {

/// What is going on with a run.
enum class RunState : std::uint8_t {
    under_way,   // someone holds it open to add trials
    finished,    // it has a summary
    unfinished,  // it has none and nobody works on it: interrupted, killed
    broken,      // its record cannot be read
};
[[nodiscard]] std::string_view name_of(RunState state);

/// The measures that are shown of a run and followed from run to run.
struct ListedMeasure {
    std::string_view name;     // "recovery_time.p50"
    std::string_view pointer;  // in summary.json
    std::string_view title;
    bool is_share;  // otherwise nanoseconds
    bool in_list;   // otherwise only followed from run to run
};
inline constexpr std::array listed_measures{
    ListedMeasure{
        "detection_time.p50", "/measures/detection_time/p50_ns", "Detection p50", false, true},
    ListedMeasure{
        "detection_time.p95", "/measures/detection_time/p95_ns", "Detection p95", false, true},
    ListedMeasure{
        "recovery_time.p50", "/measures/recovery_time/p50_ns", "Recovery p50", false, true},
    ListedMeasure{
        "recovery_time.p95", "/measures/recovery_time/p95_ns", "Recovery p95", false, true},
    ListedMeasure{"downtime.p50", "/measures/downtime/p50_ns", "Downtime p50", false, false},
    ListedMeasure{"downtime.p95", "/measures/downtime/p95_ns", "Downtime p95", false, false},
    ListedMeasure{"success_rate.mean", "/measures/success_rate/mean", "Success rate", true, true},
};
/// Absent: not one of them.
[[nodiscard]] std::optional<std::size_t> find_listed_measure(std::string_view name);

/// A run as the list shows it.
struct RunEntry {
    std::string id;                   // how it is addressed: unique below the folder, and stable
    std::filesystem::path directory;  // the result directory
    std::string place{};              // the same, relative to the folder that is served
    RunState state = RunState::broken;
    std::string trouble{};  // of a broken one
    std::string run{};
    std::string scenario{};
    std::string parameters{};  // "rate=2000/s, size=1KiB"
    std::string started{};     // ISO 8601
    std::string seed{};
    int asked = 0;  // fault and control trials
    int done = 0;
    std::uintmax_t trials_read = 0;  // bytes of trials.jsonl behind `done`
    std::string last_trial{};        // in words, of a run that was seen under way
    std::string verdict{};           // of a finished one
    std::string reason{};
    std::optional<int> exit_code{};
    std::array<std::optional<double>, listed_measures.size()> measures{};
    std::optional<double> recovered_k{}, recovered_n{}, lost_writes{};
};

/// What filters go by and people read: the verdict of a finished run, otherwise its state.
[[nodiscard]] std::string_view status_of(const RunEntry& entry);

/// Reads what the list needs of the run in `directory`; what cannot be read makes it a broken one.
/// Thread: any.
[[nodiscard]] RunEntry read_run_entry(const std::filesystem::path& root,
                                      const std::filesystem::path& directory);

/// The trials that were recorded since `entry` was read, which then counts them. A last line that
/// is half written waits for the next call. Errors: the file cannot be read, a line that does not
/// parse.
[[nodiscard]] Result<std::vector<TrialRecord>> read_new_trials(RunEntry& entry);

/// A JSON object: the fields of the list, durations in nanoseconds.
[[nodiscard]] std::string json_of(const RunEntry& entry);

}  // namespace faultline::reports
