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
#include "harness/run/machine.hpp"
#include "harness/run/recorded_run.hpp"

namespace faultline {
namespace {

/// The trials of one run, handed out to as many threads as were asked for.
class RunExecution {
  public:
    RunExecution(const Scenario& scenario,
                 const RunOptions& options,
                 const RunSurroundings& surroundings,
                 const RunObserver& observer,
                 RecordedRun run)
        : scenario_(scenario),
          options_(options),
          guardian_(surroundings.guardian),
          interruption_(surroundings.interruption),
          observer_(observer),
          run_(std::move(run)),
          controls_(control_plan(run_.record().trials_asked, run_.record().control_asked)) {
        std::set<int> done;
        for (const TrialRecord& trial : run_.record().trials)
            done.insert(trial.trial);
        for (int number = 1; number <= asked(); ++number) {
            if (!done.contains(number)) missing_.push_back(number);
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
        run_.sort_trials();
        Summary summary = judge_run(scenario_, run_.record());
        const std::size_t done = run_.record().trials.size();
        const bool unfinished = static_cast<int>(done) < asked();
        if (unfinished && interruption_.requested() && !stopped_early_) {
            summary.outcome = RunOutcome::interrupted;
            summary.reason = fmt::format("interrupted after {} of {} trials", done, asked());
        }
        if (unfinished && guardian_died_) {
            summary.outcome = RunOutcome::harness_error;
            summary.reason = fmt::format(
                "the guardian process died; stopped after {} of {} trials", done, asked());
        }
        return run_.finish(std::move(summary));
    }

  private:
    [[nodiscard]] int asked() const {
        return run_.record().trials_asked + run_.record().control_asked;
    }

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
        const RecordedRun::Task task{.number = number,
                                     .control = controls_[static_cast<std::size_t>(number - 1)],
                                     .siblings = &siblings_,
                                     .on_progress = [this](const TrialProgress& progress) {
                                         if (!observer_.on_progress) return;
                                         const std::lock_guard lock(mutex_);
                                         observer_.on_progress(progress);
                                     }};
        TrialResult result = run_.run(task);
        const std::lock_guard lock(mutex_);
        if (result.record.outcome == TrialOutcome::interrupted) return;
        store(std::move(result));
    }

    /// Requires: the lock is held.
    void store(TrialResult result) {
        if (auto stored = run_.store(std::move(result)); !stored) {
            if (!trouble_) trouble_ = stored.error();
            return;
        }
        const std::vector<TrialRecord>& trials = run_.record().trials;
        const TrialRecord& trial = trials.back();
        if (observer_.on_trial) observer_.on_trial(trial, static_cast<int>(trials.size()), asked());
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
    SiblingProcesses siblings_;
    std::mutex mutex_;  // guards all below
    RecordedRun run_;   // but its run(), which is for all threads
    std::vector<bool> controls_;
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
    const RunSurroundings surroundings{guardian, interruption, abilities};
    FL_TRY(RecordedRun run, RecordedRun::begin(scenario, options, surroundings, guardian.run()));
    return RunExecution(scenario, options, surroundings, observer, std::move(run)).execute();
}

}  // namespace faultline
