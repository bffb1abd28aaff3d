// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/result/record.hpp"

namespace faultline::cli {

/// Who is told how a run ended: URLs get a POST, commands run in a shell with the same JSON on
/// standard input and FAULTLINE_VERDICT, FAULTLINE_EXIT_CODE, FAULTLINE_RUN, FAULTLINE_SCENARIO,
/// FAULTLINE_DIRECTORY in their environment. Whoever cannot be told is warned about on standard
/// error; the run's own exit code stays what it is.
struct Subscribers {
    std::vector<std::string> webhooks{};
    std::vector<std::string> commands{};
    Duration webhook_timeout = std::chrono::seconds(5);  // of each of two attempts
    Duration command_timeout = std::chrono::seconds(30);
};
/// Errors: a URL that no notification can go to.
[[nodiscard]] Result<> check_subscribers(const Subscribers& subscribers);

/// What they are told.
struct Notification {
    std::string run{};
    std::string scenario{};
    std::map<std::string, std::string> parameters{};
    RunOutcome outcome = RunOutcome::harness_error;
    std::string reason{};
    std::filesystem::path directory{};
    std::vector<std::string> command{};          // that repeats the run
    std::optional<InjectionSummary> measures{};  // of the first injection; absent: nothing measured
};
/// Requires: the run was judged.
[[nodiscard]] Notification notification_of(const RunRecord& run,
                                           const std::filesystem::path& directory);
/// {"run", "scenario", "parameters", "verdict", "exit_code", "reason", "detection_time",
/// "recovery_time", "success_rate", "directory", "command"}, spelled as in summary.json.
[[nodiscard]] std::string json_of(const Notification& notification);

/// Tells everyone, one after the other. Returns what went wrong.
[[nodiscard]] std::vector<std::string> notify(const Subscribers& subscribers,
                                              const Notification& notification);

}  // namespace faultline::cli
