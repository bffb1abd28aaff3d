// SPDX-License-Identifier: Apache-2.0
#include "harness/run/run.hpp"

#include <algorithm>
#include <ctime>
#include <mutex>
#include <set>
#include <thread>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/random.hpp"
#include "harness/result/calibration.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/run/machine.hpp"
#include "harness/run/version.hpp"

namespace faultline {
namespace {

std::string iso_now() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

RunRecord new_manifest(const Scenario& scenario,
                       const RunOptions& options,
                       const std::string& run,
                       const MachineAbilities& abilities) {
    RunRecord record;
    record.run = run;
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
    return record;
}

/// What the trials of a run are added to: new, or what an earlier attempt at the run has left.
struct RunBeginning {
    RunRecord record;
    ResultDirectory directory;
};

Result<RunBeginning> begin_run(const Scenario& scenario,
                               const RunOptions& options,
                               const std::string& run,
                               const MachineAbilities& abilities) {
    if (!options.resume) {
        RunRecord record = new_manifest(scenario, options, run, abilities);
        FL_TRY(ResultDirectory directory, ResultDirectory::create(options.directory, record));
        return RunBeginning{std::move(record), std::move(directory)};
    }
    FL_TRY(RunRecord record, read_run(options.directory));
    if (options.trials) record.trials_asked = std::max(record.trials_asked, *options.trials);
    FL_TRY(ResultDirectory directory, ResultDirectory::resume(options.directory));
    return RunBeginning{std::move(record), std::move(directory)};
}

/// The trials of one run, handed out to as many threads as were asked for.
class RunExecution {
  public:
    RunExecution(const Scenario& scenario,
                 const RunOptions& options,
                 Guardian& guardian,
                 Interruption& interruption,
                 const RunObserver& observer,
                 const MachineAbilities& abilities,
                 RunBeginning run)
        : scenario_(scenario),
          options_(options),
          guardian_(guardian),
          interruption_(interruption),
          observer_(observer),
          abilities_(abilities),
          record_(std::move(run.record)),
          directory_(std::move(run.directory)),
          controls_(control_plan(record_.trials_asked, record_.control_asked)) {
        for (const TrialRecord& trial : record_.trials)
            done_.insert(trial.trial);
        for (int number = 1; number <= asked(); ++number) {
            if (!done_.contains(number)) missing_.push_back(number);
        }
        std::reverse(missing_.begin(), missing_.end());
    }

    Result<RunRecord> execute() {
        std::vector<std::thread> threads;
        const int count =
            std::min<int>(std::max(1, options_.jobs), static_cast<int>(missing_.size()));
        threads.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            threads.emplace_back([this] { work(); });
        for (std::thread& thread : threads)
            thread.join();
        if (trouble_) return tl::unexpected(*trouble_);
        std::sort(record_.trials.begin(), record_.trials.end(), [](const auto& a, const auto& b) {
            return a.trial < b.trial;
        });
        Summary summary = judge_run(scenario_, record_);
        const bool unfinished = static_cast<int>(record_.trials.size()) < asked();
        if (unfinished && interruption_.requested() && !stopped_early_) {
            summary.outcome = RunOutcome::interrupted;
            summary.reason =
                fmt::format("interrupted after {} of {} trials", record_.trials.size(), asked());
        }
        if (unfinished && guardian_died_) {
            summary.outcome = RunOutcome::harness_error;
            summary.reason = fmt::format("the guardian process died; stopped after {} of {} trials",
                                         record_.trials.size(),
                                         asked());
        }
        if (auto written = directory_.write_summary(summary, record_.instrument); !written) {
            return tl::unexpected(written.error());
        }
        record_.summary = std::move(summary);
        return std::move(record_);
    }

  private:
    [[nodiscard]] int asked() const { return record_.trials_asked + record_.control_asked; }

    void work() {
        for (;;) {
            int number = 0;
            {
                const std::lock_guard lock(mutex_);
                if (missing_.empty() || trouble_ || stopped_early_ || interruption_.requested())
                    return;
                number = missing_.back();
                missing_.pop_back();
            }
            run_one(number);
        }
    }

    void run_one(int number) {
        // What an interrupted attempt at this trial left is worth nothing.
        static_cast<void>(remove_tree(directory_.trial_folder(number)));
        TrialContext context{.scenario = scenario_,
                             .abilities = abilities_,
                             .guardian = guardian_,
                             .interruption = interruption_};
        context.run = guardian_.run();
        context.number = number;
        context.control = controls_[static_cast<std::size_t>(number - 1)];
        context.seed =
            Random(record_.seed).fork("trial", static_cast<std::uint64_t>(number)).seed();
        context.folder = std::filesystem::absolute(directory_.trial_folder(number));
        context.temporary_folder = temporary_folder(number);
        context.memory_folder = memory_root(guardian_.run()) / fmt::format("m{}", number);
        context.keep_data = options_.keep_data;
        context.siblings = &siblings_;
        context.on_progress = [this](const TrialProgress& progress) {
            if (!observer_.on_progress) return;
            const std::lock_guard lock(mutex_);
            observer_.on_progress(progress);
        };
        TrialResult result = run_trial(context);
        const std::lock_guard lock(mutex_);
        if (result.record.outcome == TrialOutcome::interrupted) return;
        store(std::move(result));
    }

    [[nodiscard]] std::filesystem::path temporary_folder(int number) const {
        return temporary_root(guardian_.run()) / fmt::format("t{}", number);
    }

    /// Requires: the lock is held.
    void store(TrialResult result) {
        auto written = directory_.write_timeline(result.record.trial, result.timeline);
        if (written) written = directory_.append_trial(result.record);
        if (!written) {
            if (!trouble_) trouble_ = written.error();
            return;
        }
        record_.trials.push_back(std::move(result.record));
        const TrialRecord& trial = record_.trials.back();
        if (observer_.on_trial)
            observer_.on_trial(trial, static_cast<int>(record_.trials.size()), asked());
        const bool recovered = std::none_of(
            trial.injections.begin(), trial.injections.end(), [](const auto& injection) {
                return injection.measures.censored;
            });
        guardian_died_ = guardian_died_ || !guardian_.alive();
        if (guardian_died_ ||
            (options_.fail_fast && (trial.outcome != TrialOutcome::pass || !recovered))) {
            stopped_early_ = true;
        }
    }

    const Scenario& scenario_;
    const RunOptions& options_;
    Guardian& guardian_;
    Interruption& interruption_;
    const RunObserver& observer_;
    const MachineAbilities& abilities_;
    SiblingProcesses siblings_;
    std::mutex mutex_;  // guards all below
    RunRecord record_;
    ResultDirectory directory_;
    std::vector<bool> controls_;
    std::set<int> done_;
    std::vector<int> missing_;
    std::optional<Error> trouble_;
    bool stopped_early_ = false;
    bool guardian_died_ = false;
};

}  // namespace

std::filesystem::path temporary_root(const std::string& run) {
    return std::filesystem::temp_directory_path() / ("faultline-" + run);
}

std::filesystem::path memory_root(const std::string& run) {
    const std::filesystem::path shared = "/dev/shm";
    return ::access(shared.c_str(), W_OK | X_OK) == 0 ? shared / ("faultline-" + run)
                                                      : temporary_root(run);
}

Result<> promise_cleanup(Guardian& guardian, const MachineAbilities& abilities) {
    std::vector<UndoRecord> records{
        {.kind = UndoRecord::Kind::remove_path, .path = temporary_root(guardian.run())},
        {.kind = UndoRecord::Kind::remove_path, .path = memory_root(guardian.run())},
        {.kind = UndoRecord::Kind::kill_marked, .content = guardian.run()}};
    if (abilities.cgroup_root) {
        records.push_back({.kind = UndoRecord::Kind::kill_cgroup,
                           .path = *abilities.cgroup_root / ("faultline-" + guardian.run())});
    }
    for (const UndoRecord& record : records) {
        auto number = guardian.add(record);
        if (!number) return tl::unexpected(number.error());
    }
    return abilities.cgroup_root
               ? make_folder(*abilities.cgroup_root / ("faultline-" + guardian.run()))
               : Result<>();
}

std::vector<bool> control_plan(int count, int control) {
    const int total = count + control;
    std::vector<bool> plan(static_cast<std::size_t>(total), false);
    for (int i = 0; i < control; ++i) {
        // The last of each of `control` equal parts.
        plan[static_cast<std::size_t>((i + 1) * total / control - 1)] = true;
    }
    return plan;
}

std::string new_run_id() {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
    Random random(fresh_seed() ^ static_cast<std::uint64_t>(::getpid()));
    std::string id;
    for (int i = 0; i < 6; ++i)
        id += letters[random.below(letters.size())];
    return id;
}

std::filesystem::path result_directory_name(const Scenario& scenario, const std::string& run) {
    std::string name = scenario.name;
    for (const auto& [parameter, value] : scenario.parameters)
        name += fmt::format("-{}={}", parameter, value);
    std::replace(name.begin(), name.end(), '/', '_');
    return std::filesystem::path("results") /
           fmt::format("{}-{:%Y%m%d-%H%M%S}-{}", name, fmt::localtime(std::time(nullptr)), run);
}

Summary judge_run(const Scenario& scenario, const RunRecord& run) {
    std::vector<TrialMeasured> measured;
    measured.reserve(run.trials.size());
    for (const TrialRecord& trial : run.trials)
        measured.push_back(measured_of(trial));
    return judge(scenario, measured);
}

Result<RunRecord> run_scenario(const Scenario& scenario,
                               const RunOptions& options,
                               Guardian& guardian,
                               Interruption& interruption,
                               const RunObserver& observer) {
    FL_TRY(const MachineAbilities abilities, find_abilities(scenario));
    FL_TRY_VOID(promise_cleanup(guardian, abilities));
    FL_TRY(RunBeginning run, begin_run(scenario, options, guardian.run(), abilities));
    return RunExecution(
               scenario, options, guardian, interruption, observer, abilities, std::move(run))
        .execute();
}

}  // namespace faultline
