// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

/// Templates in a driver's parameters speak of the first instance that the load may go to.
Result<Parameters> filled_load_parameters(const TrialState& trial, const LoadSpec& spec) {
    const Fleet& fleet = *trial.fleet;
    const int first = fleet.index_of(instance_name(spec.to.target, spec.to.index.value_or(0)));
    return fill_parameters(trial.context,
                           fleet.provision(),
                           spec.parameters,
                           fleet.instance(first).plan(),
                           std::string(load_end));
}

/// Indices into the load's endpoints: instances of one target, in index order.
void update_board(TrialState& trial) {
    const Selector& to = trial.scenario.load->to;
    std::vector<int> current;
    for (const int index : trial.fleet->holders(to)) {
        current.push_back(to.index ? 0 : trial.fleet->instance(index).plan().index);
    }
    trial.board.set(std::move(current));
}

LoadTargets targets_of(TrialState& trial, const LoadSpec& spec) {
    LoadTargets targets;
    targets.endpoints = trial.fleet->endpoints(spec.to.target, spec.port);
    if (spec.to.index)
        targets.endpoints = {targets.endpoints[static_cast<std::size_t>(*spec.to.index)]};
    if (const auto sentinel = spec.parameters.find<std::string>("sentinel");
        sentinel && !sentinel->empty()) {
        targets.sentinels = trial.fleet->endpoints(*sentinel, "");
    }
    targets.current = [&trial] { return trial.board.get(); };
    return targets;
}

/// The load's threads are where they are started.
bool start_load_here(TrialState& trial) {
    LoadSpec spec = *trial.scenario.load;
    auto filled = filled_load_parameters(trial, spec);
    if (!filled) return trial.end_with(TrialOutcome::harness_error, filled.error().message);
    spec.parameters = std::move(*filled);
    update_board(trial);
    trial.recorder.listen([&trial](const Event& event) {
        if (event.name == "role" || event.source == EventSource::exit) update_board(trial);
    });
    auto load = make_load(spec, targets_of(trial, spec), trial.random.fork("load"));
    if (!load)
        return trial.end_with(TrialOutcome::harness_error,
                              "making the load: " + load.error().message);
    trial.load = std::move(*load);
    trial.timeline.operation_kinds = trial.load->operation_kinds();
    trial.timeline.load_start = now();
    if (auto started = trial.load->start(); !started) {
        return trial.end_with(TrialOutcome::harness_error,
                              "starting the load: " + started.error().message);
    }
    return true;
}

}  // namespace

bool start_load(TrialState& trial) {
    trial.timeline.load_start = now();
    if (!trial.scenario.load) return true;
    if (!trial.network) return start_load_here(trial);
    const auto at_load = trial.network->fabric().enter(std::string(load_end));
    if (!at_load) return trial.end_with(TrialOutcome::harness_error, at_load.error().message);
    return start_load_here(trial);
}

}  // namespace faultline
