// SPDX-License-Identifier: Apache-2.0
#include "harness/run/recorded_run.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/random.hpp"
#include "harness/result/calibration.hpp"
#include "harness/result/masking.hpp"
#include "harness/run/version.hpp"

namespace faultline {
namespace {

constexpr const char* manifest_file = "run.json";

std::string iso_now() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

RunRecord new_manifest(const Scenario& scenario,
                       const RunOptions& options,
                       const std::string& id,
                       const MachineAbilities& abilities) {
    RunRecord record;
    record.run = id;
    record.scenario_name = scenario.name;
    record.scenario_file = scenario.file.string();
    record.about = scenario.about;
    record.parameters = scenario.parameters;
    record.scenario_json = scenario.resolved_json;
    record.seed = options.seed ? *options.seed : scenario.trials.seed.value_or(fresh_seed());
    record.trials_asked = options.trials.value_or(scenario.trials.count);
    record.control_asked = options.control.value_or(scenario.trials.control);
    record.started = iso_now();
    record.command = options.command;
    record.faultline_version = faultline_version;
    record.machine = machine_facts(abilities);
    record.instrument = stored_instrument_error();
    mask_manifest(record, scenario.secrets);
    return record;
}

}  // namespace

Result<RecordedRun> RecordedRun::begin(const Scenario& scenario,
                                       const RunOptions& options,
                                       const RunSurroundings& surroundings,
                                       const std::string& id) {
    if (!options.resume) {
        RunRecord record = new_manifest(scenario, options, id, surroundings.abilities);
        FL_TRY(ResultDirectory directory, ResultDirectory::create(options.directory, record));
        return RecordedRun(
            scenario, options, surroundings, std::move(record), std::move(directory));
    }
    FL_TRY(RunRecord record, read_run(options.directory));
    if (options.trials) record.trials_asked = std::max(record.trials_asked, *options.trials);
    FL_TRY(ResultDirectory directory, ResultDirectory::resume(options.directory));
    return RecordedRun(scenario, options, surroundings, std::move(record), std::move(directory));
}

TrialResult RecordedRun::run(const Task& task) const {
    static_cast<void>(remove_tree(directory_.trial_folder(task.number)));
    const std::string& id = surroundings_.guardian.run();
    TrialContext context{.scenario = *scenario_,
                         .abilities = surroundings_.abilities,
                         .guardian = surroundings_.guardian,
                         .interruption = surroundings_.interruption};
    context.run = id;
    context.number = task.number;
    context.control = task.control;
    context.seed =
        Random(record_.seed).fork("trial", static_cast<std::uint64_t>(task.number)).seed();
    context.folder = std::filesystem::absolute(directory_.trial_folder(task.number));
    context.temporary_folder = temporary_root(id) / fmt::format("t{}", task.number);
    context.memory_folder = memory_root(id) / fmt::format("m{}", task.number);
    context.bin_folder = options_->bin_folder;
    context.keep_data = options_->keep_data;
    context.siblings = task.siblings;
    context.on_progress = task.on_progress;
    return run_trial(context);
}

Result<> RecordedRun::store(TrialResult result) {
    FL_TRY_VOID(directory_.write_timeline(result.record.trial, result.timeline));
    FL_TRY_VOID(directory_.append_trial(result.record));
    record_.trials.push_back(std::move(result.record));
    return {};
}

void RecordedRun::sort_trials() {
    std::ranges::sort(record_.trials, {}, &TrialRecord::trial);
}

Result<RunRecord> RecordedRun::finish(Summary summary) {
    FL_TRY_VOID(directory_.write_summary(summary, record_.instrument));
    sort_trials();
    record_.summary = std::move(summary);
    return record_;
}

Result<> RecordedRun::ask_no_more() {
    const auto controls = std::ranges::count(record_.trials, true, &TrialRecord::control);
    record_.control_asked = static_cast<int>(controls);
    record_.trials_asked = static_cast<int>(record_.trials.size()) - record_.control_asked;
    return directory_.write_report(manifest_file, encode_manifest(record_));
}

}  // namespace faultline
