// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/baseline.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/judge/columns.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/result/run_mismatch.hpp"
#include "harness/run/machine.hpp"
#include "harness/run/version.hpp"

namespace faultline::cli {
namespace {

namespace fs = std::filesystem;

/// The base of an earlier gate has been superseded by its head.
bool superseded(const fs::path& directory) {
    std::error_code error;
    return directory.filename() == "base" &&
           fs::is_directory(directory.parent_path() / "head", error);
}

std::size_t counted_trials(const RunRecord& run) {
    return static_cast<std::size_t>(std::ranges::count_if(
        run.trials, [](const TrialRecord& trial) { return counts_as_fault(measured_of(trial)); }));
}

std::string name_of_case(const std::string& scenario,
                         const std::map<std::string, std::string>& parameters) {
    std::string name = fmt::format("\"{}\"", scenario);
    for (const auto& [parameter, value] : parameters)
        name += fmt::format(" {}={}", parameter, value);
    return name;
}

std::string difference(const Mismatch& mismatch) {
    return fmt::format("{} was {}, is {}", mismatch.what, mismatch.base, mismatch.head);
}

}  // namespace

Result<Baseline> find_baseline(const fs::path& path, const Scenario& scenario) {
    auto directories = find_result_directories(path);
    if (!directories) return in_context("--baseline", directories.error());
    std::optional<Baseline> newest;
    std::string others;
    for (const fs::path& directory : *directories) {
        if (superseded(directory)) continue;
        FL_TRY(RunRecord run, read_run(directory));
        if (run.scenario_name != scenario.name || run.parameters != scenario.parameters) {
            others +=
                (others.empty() ? "" : ", ") + name_of_case(run.scenario_name, run.parameters);
            continue;
        }
        if (newest && newest->run.started >= run.started) continue;
        newest = Baseline{.run = std::move(run), .directory = directory};
        newest->counted = counted_trials(newest->run);
    }
    if (!newest) {
        return fail(fmt::format("--baseline {}: it holds no run of {}{}; make one on the base "
                                "build with faultline run",
                                path.string(),
                                name_of_case(scenario.name, scenario.parameters),
                                others.empty() ? "" : " but " + others),
                    ErrorCode::not_found);
    }
    if (newest->counted == 0) {
        return fail(fmt::format("--baseline {}: none of its {} trials counts",
                                newest->directory.string(),
                                newest->run.trials.size()),
                    ErrorCode::invalid);
    }
    return *std::move(newest);
}

Result<std::vector<std::string>> check_alike(const Baseline& baseline,
                                             const Scenario& scenario,
                                             bool anyway) {
    RunRecord here;
    here.scenario_name = scenario.name;
    here.scenario_file = scenario.file.string();
    here.scenario_json = scenario.resolved_json;
    here.parameters = scenario.parameters;
    here.faultline_version = faultline_version;
    here.machine = machine_facts(find_abilities());
    std::vector<std::string> serious, notes;
    for (const Mismatch& mismatch : mismatches_between(baseline.run, here))
        (mismatch.serious ? serious : notes).push_back(difference(mismatch));
    if (!serious.empty() && !anyway) {
        return fail(fmt::format("--baseline {} cannot be compared with: {}; measure it anew here, "
                                "run both builds with --base-bin-dir, or insist with --anyway",
                                baseline.directory.string(),
                                fmt::join(serious, "; ")),
                    ErrorCode::invalid);
    }
    notes.insert(notes.begin(), serious.begin(), serious.end());
    return notes;
}

}  // namespace faultline::cli
