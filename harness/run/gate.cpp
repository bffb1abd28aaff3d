// SPDX-License-Identifier: Apache-2.0
#include "harness/run/gate.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/base/random.hpp"
#include "harness/result/calibration.hpp"
#include "harness/run/recorded_run.hpp"

namespace faultline {
namespace {

RunOutcome outcome_of(TrialOutcome outcome) {
    switch (outcome) {
        case TrialOutcome::pass:
            return RunOutcome::pass;
        case TrialOutcome::unhealthy:
            return RunOutcome::unhealthy;
        case TrialOutcome::ineffective:
            return RunOutcome::ineffective;
        case TrialOutcome::harness_error:
            return RunOutcome::harness_error;
        case TrialOutcome::interrupted:
            return RunOutcome::interrupted;
    }
    return RunOutcome::harness_error;
}

RunOutcome outcome_of(GateState state) {
    switch (state) {
        case GateState::worse:
            return RunOutcome::fail;
        case GateState::not_worse:
            return RunOutcome::pass;
        case GateState::open:
        case GateState::undecidable:
            return RunOutcome::inconclusive;
    }
    return RunOutcome::inconclusive;
}

GateRules with_instrument(GateRules rules) {
    const InstrumentError instrument = stored_instrument_error();
    rules.detection_error = instrument.detection_error_p99.value_or(0);
    rules.recovery_error = instrument.recovery_error_p99.value_or(0);
    return rules;
}

/// One build's trials, as they are gathered.
struct Side {
    std::vector<TrialMeasured> measured{};
    std::optional<RunOptions> options{};  // absent: a baseline, which gets no more
    std::optional<RecordedRun> run{};

    void add(const TrialRecord& trial) { measured.push_back(measured_of(trial)); }
    [[nodiscard]] std::size_t counted() const {
        return static_cast<std::size_t>(std::ranges::count_if(measured, counts_as_fault));
    }
};

/// The trials of both builds and the judge that says when there are enough.
class GateExecution {
  public:
    GateExecution(const Scenario& scenario,
                  const GateOptions& options,
                  const RunSurroundings& surroundings,
                  const GateObserver& observer)
        : scenario_(scenario),
          options_(options),
          surroundings_(surroundings),
          observer_(observer),
          seed_(options.seed ? *options.seed : scenario.trials.seed.value_or(fresh_seed())),
          rules_(with_instrument(options.rules)),
          gate_(scenario, options.measures, rules_) {}

    Result<> begin() {
        FL_TRY_VOID(begin_side(GateSide::head, options_.bin_folder));
        if (!options_.baseline) return begin_side(GateSide::base, options_.base_bin_folder);
        for (const TrialRecord& trial : options_.baseline->trials)
            side(GateSide::base).add(trial);
        return {};
    }

    Result<ScenarioGate> execute() {
        const auto trials_max = static_cast<int>(rules_.trials_max);
        for (int number = 1; number <= trials_max && !stopped_ && !gate_.over(); ++number) {
            FL_TRY_VOID(run_pair(number));
            if (!stopped_) look_when_due(number == trials_max);
        }
        return finish();
    }

  private:
    Side& side(GateSide which) { return sides_.at(static_cast<std::size_t>(which)); }

    Result<> begin_side(GateSide which, const std::filesystem::path& bin_folder) {
        RunOptions run;
        run.trials = static_cast<int>(rules_.trials_max);
        run.control = 0;
        run.seed = seed_;
        run.bin_folder = bin_folder;
        run.directory = options_.directory / name_of(which);
        run.command = options_.command;
        Side& mine = side(which);
        mine.options = std::move(run);
        const std::string id = fmt::format("{}-{}", surroundings_.guardian.run(), name_of(which));
        auto begun = RecordedRun::begin(scenario_, *mine.options, surroundings_, id);
        if (!begun) return tl::unexpected(begun.error());
        mine.run.emplace(*std::move(begun));
        return {};
    }

    /// Who goes first is drawn anew for each pair, so that neither build has always the warmer
    /// machine.
    Result<> run_pair(int number) {
        std::array order{GateSide::base, GateSide::head};
        if (Random(seed_).fork("order", static_cast<std::uint64_t>(number)).below(2) == 1)
            std::ranges::reverse(order);
        for (const GateSide which : order) {
            if (!side(which).run || stopped_) continue;
            FL_TRY_VOID(run_one(which, number));
        }
        return {};
    }

    Result<> run_one(GateSide which, int number) {
        if (surroundings_.interruption.requested()) return interrupted();
        RecordedRun& run = *side(which).run;
        TrialResult result = run.run({.number = number, .on_progress = observer_.on_progress});
        if (result.record.outcome == TrialOutcome::interrupted) return interrupted();
        FL_TRY_VOID(run.store(std::move(result)));
        const TrialRecord& trial = run.record().trials.back();
        side(which).add(trial);
        if (observer_.on_trial) observer_.on_trial(which, trial);
        if (trial.outcome != TrialOutcome::pass) {
            stop(outcome_of(trial.outcome),
                 fmt::format("trial {} of the {}: {}: {}",
                             number,
                             name_of(which),
                             name_of(trial.outcome),
                             trial.reason));
        } else if (!surroundings_.guardian.alive()) {
            stop(RunOutcome::harness_error,
                 fmt::format("the guardian process died; stopped after trial {}", number));
        }
        return {};
    }

    Result<> interrupted() {
        stop(RunOutcome::interrupted,
             fmt::format("interrupted after {} trials of the base and {} of the head",
                         side(GateSide::base).counted(),
                         side(GateSide::head).counted()));
        return {};
    }

    void stop(RunOutcome outcome, std::string reason) {
        if (stopped_) return;
        stopped_ = outcome;
        reason_ = std::move(reason);
    }

    /// Trials that do not count put a look off; at the very end there is one with what there is.
    void look_when_due(bool last) {
        std::size_t trials = side(GateSide::head).counted();
        if (!options_.baseline) trials = std::min(trials, side(GateSide::base).counted());
        const std::vector<std::size_t>& planned = gate_.looks().trials;
        std::size_t due =
            static_cast<std::size_t>(std::ranges::upper_bound(planned, trials) - planned.begin());
        if (last) due = planned.size();
        if (due <= looks_) return;
        looks_ = due;
        gate_.look(due - 1, side(GateSide::base).measured, side(GateSide::head).measured);
        if (observer_.on_look) observer_.on_look(due, trials, gate_.state());
    }

    Result<std::optional<RunRecord>> finish_side(GateSide which) {
        Side& mine = side(which);
        if (!mine.run) return options_.baseline;
        FL_TRY_VOID(mine.run->ask_no_more());
        mine.run->sort_trials();
        FL_TRY(RunRecord record, mine.run->finish(judge_run(scenario_, mine.run->record())));
        return std::optional(std::move(record));
    }

    Result<ScenarioGate> finish() {
        ScenarioGate gate;
        gate.scenario = scenario_.name;
        gate.parameters = scenario_.parameters;
        gate.interleaved = !options_.baseline;
        gate.base_directory = gate.interleaved ? options_.directory / name_of(GateSide::base)
                                               : options_.baseline_directory;
        gate.head_directory = options_.directory / name_of(GateSide::head);
        gate.rules = rules_;
        gate.looks = looks_;
        gate.looks_planned = gate_.looks().trials.size();
        gate.base_trials = side(GateSide::base).counted();
        gate.head_trials = side(GateSide::head).counted();
        gate.measures = gate_.decisions();
        gate.comparison = compare_trials(scenario_,
                                         side(GateSide::base).measured,
                                         side(GateSide::head).measured,
                                         {.effect = rules_.effect,
                                          .detection_error = rules_.detection_error,
                                          .recovery_error = rules_.recovery_error});
        gate.outcome = stopped_.value_or(outcome_of(gate_.state()));
        gate.reason = stopped_ ? reason_ : decided(gate);
        FL_TRY(gate.base, finish_side(GateSide::base));
        FL_TRY(gate.head, finish_side(GateSide::head));
        return gate;
    }

    /// One sentence: the measure that decided.
    [[nodiscard]] std::string decided(const ScenarioGate& gate) const {
        const GateState state = gate_.state();
        if (state == GateState::not_worse) return "no measure is worse by what counts";
        for (const MeasureDecision& measure : gate.measures) {
            if (measure.state == state && (state == GateState::worse || !measure.alarm_only))
                return fmt::format("{}: {}", measure.name, measure.explanation);
        }
        return "nothing was measured";
    }

    const Scenario& scenario_;
    const GateOptions& options_;
    const RunSurroundings surroundings_;
    const GateObserver& observer_;
    std::uint64_t seed_;
    GateRules rules_;
    Gate gate_;
    std::array<Side, 2> sides_{};  // by GateSide
    std::size_t looks_ = 0;
    std::optional<RunOutcome> stopped_{};
    std::string reason_{};
};

}  // namespace

std::string_view name_of(GateSide side) {
    switch (side) {
        case GateSide::base:
            return "base";
        case GateSide::head:
            return "head";
    }
    return "";
}

Result<ScenarioGate> run_gate(const Scenario& scenario,
                              const GateOptions& options,
                              Guardian& guardian,
                              Interruption& interruption,
                              const GateObserver& observer) {
    FL_TRY(const MachineAbilities abilities, find_abilities(scenario));
    FL_TRY_VOID(promise_cleanup(guardian, abilities));
    GateExecution execution(scenario, options, {guardian, interruption, abilities}, observer);
    FL_TRY_VOID(execution.begin());
    return execution.execute();
}

}  // namespace faultline
