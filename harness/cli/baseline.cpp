// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/baseline.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/judge/columns.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/run/machine.hpp"

namespace faultline::cli {
namespace {

namespace fs = std::filesystem;

constexpr int depth_max = 4;  // <folder of gates>/<gate>/<scenario>/head
constexpr std::array serious_facts{"cpu", "cores"};
constexpr std::array other_facts{"host", "kernel", "memory", "launch", "network"};
// What does not change what a trial measures.
constexpr std::array indifferent{"$schema", "about", "expect", "trials"};

bool holds_run(const fs::path& path) {
    std::error_code error;
    return fs::exists(path / "run.json", error);
}

std::vector<fs::path> runs_below(const fs::path& path) {
    std::vector<fs::path> found;
    if (holds_run(path)) return {path};
    std::error_code error;
    auto entry = fs::recursive_directory_iterator(path, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (!entry->is_directory(error)) continue;
        if (holds_run(entry->path())) {
            entry.disable_recursion_pending();
            // The base of an earlier gate has been superseded by its head.
            const fs::path& run = entry->path();
            if (run.filename() == "base" && holds_run(run.parent_path() / "head")) continue;
            found.push_back(run);
        } else if (entry.depth() + 1 >= depth_max) {
            entry.disable_recursion_pending();
        }
    }
    std::ranges::sort(found);
    return found;
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

/// What a trial of the scenario depends on.
nlohmann::json essence_of(const std::string& scenario_json) {
    nlohmann::json essence = nlohmann::json::parse(scenario_json, nullptr, false);
    if (!essence.is_object()) return essence;
    for (const char* key : indifferent)
        essence.erase(key);
    return essence;
}

std::string difference(const char* what, const std::string& base, const std::string& head) {
    return fmt::format("{} was {}, is {}", what, base, head);
}

}  // namespace

Result<Baseline> find_baseline(const fs::path& path, const Scenario& scenario) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        return fail(fmt::format("--baseline {}: there is no such folder", path.string()),
                    ErrorCode::not_found);
    }
    std::optional<Baseline> newest;
    std::string others;
    for (const fs::path& directory : runs_below(path)) {
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
    std::vector<std::string> serious, notes;
    if (essence_of(baseline.run.scenario_json) != essence_of(scenario.resolved_json))
        serious.push_back(fmt::format("scenario \"{}\" has changed since", scenario.name));
    std::map<std::string, std::string> here = machine_facts(find_abilities());
    const auto compare = [&](const char* fact, std::vector<std::string>& found) {
        const auto there = baseline.run.machine.find(fact);
        if (there == baseline.run.machine.end() || there->second == here[fact]) return;
        found.push_back(difference(fact, there->second, here[fact]));
    };
    for (const char* fact : serious_facts)
        compare(fact, serious);
    for (const char* fact : other_facts)
        compare(fact, notes);
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
