// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/result/record.hpp"

namespace faultline::reports {

// What reports look for in a run, whatever they make of it.

/// Whether the trial is left out of the measures.
[[nodiscard]] bool is_invalid(const TrialRecord& trial);

/// How the wall clock ran: from the first trial's start to the last one's end.
[[nodiscard]] Duration wall_time(const RunRecord& run);

/// The injections of one id over all trials.
struct InjectionEvidence {
    std::string id;
    std::string fault;
    std::string mechanism;
    std::vector<std::string> on{};  // every instance it hit, each once
    std::size_t confirmed = 0, count = 0;
    std::string example{};  // evidence of a confirmed one, else of any
};
/// In the order in which they first happened.
[[nodiscard]] std::vector<InjectionEvidence> evidence_of(const RunRecord& run);

/// A fault trial in the middle of the recovery times of the first injection, to show one that is
/// typical; nullptr when none recovered.
[[nodiscard]] const TrialRecord* median_trial(const RunRecord& run);

/// The stages that somebody told, in order of time. Units: since the injection.
struct NamedStage {
    std::string_view name;
    Duration at;
};
[[nodiscard]] std::vector<NamedStage> told_stages(const Stages& stages);

/// "process.crash on kv[0]".
[[nodiscard]] std::string describe(const Injection& injection);

/// The next command worth typing.
[[nodiscard]] std::string next_command(const RunRecord& run,
                                       const std::filesystem::path& directory);

}  // namespace faultline::reports
