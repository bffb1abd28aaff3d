// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

constexpr int port_race_tries = 3;
constexpr Duration stop_patience = std::chrono::seconds(10);

Result<> make_folders(const TrialState& trial) {
    const TrialContext& context = trial.context;
    FL_TRY_VOID(make_folder(context.folder));
    FL_TRY_VOID(make_folder(context.temporary_folder));
    if (!context.memory_folder.empty()) {
        FL_TRY_VOID(make_folder(context.memory_folder));
    }
    if (context.abilities.cgroup_root) {
        FL_TRY_VOID(make_folder(trial.cgroup_folder()));
    }
    return {};
}

/// Before anyone can connect: whoever listens behind them may come later.
Result<std::unique_ptr<TrialLinks>> open_links(TrialState& trial, const Provision& provision) {
    // A process may connect before its pid is known here; it is told by its environment then.
    for (const InstancePlan& plan : provision.plans)
        trial.processes.set(plan.name, -1);
    TrialLinks::Options options{
        .plan = provision.links,
        .upstream =
            [&provision](const std::string& instance, const std::string& port) {
                return listen_address(provision, instance, port);
            },
        .seed = trial.random.fork("links").next(),
        .processes = [&trial] { return trial.processes.candidates(); },
        .network = trial.network.get()};
    return TrialLinks::open(std::move(options));
}

/// What targets are given and write holds secrets until it is masked, in the teardown. A harness
/// that is killed before leaves none of it.
Result<> promise_to_hide(TrialState& trial) {
    if (trial.secrets.empty() || trial.hiding_record) return {};
    const UndoRecord record{.kind = UndoRecord::Kind::remove_path, .path = trial.context.folder};
    FL_TRY(trial.hiding_record, trial.context.guardian.add(record));
    return {};
}

/// Everything that can be made before the first target runs. Errors: the machine's, not the
/// target's.
Result<> prepare(TrialState& trial) {
    FL_TRY_VOID(make_folders(trial));
    if (trial.context.abilities.network) {
        FL_TRY(trial.network, TrialNetwork::create(trial.scenario));
    }
    FL_TRY(Provision provision, provision_trial(trial.context, trial.random, trial.network.get()));
    trial.environment_mark = provision.mark;
    trial.secrets = provision.secrets;
    FL_TRY_VOID(promise_to_hide(trial));
    trial.scope.mark = provision.mark;
    // Those in networks of the trial go with them.
    if (!trial.network) trial.scope.ports = provision.ports.ports();
    FL_TRY_VOID(make_control_files(provision));
    FL_TRY(trial.signals, DetectionSignals::create(trial.loop, trial.scenario, trial.recorder));
    EventSocket::Options socket{
        .path = provision.event_socket,
        .on_event = [&trial](Event event) { trial.signals->record(std::move(event)); },
        .instance_of = [&trial](int pid) { return trial.fleet->instance_of_pid(pid); }};
    FL_TRY(trial.socket, EventSocket::open(trial.loop, std::move(socket)));
    FL_TRY(trial.links, open_links(trial, provision));
    Fleet::Observer observer{
        .on_event = [&trial](Event event) { trial.signals->record(std::move(event)); },
        .on_line = [&trial](int instance,
                            std::string_view line,
                            Instant at) { trial.signals->on_line(instance, line, at); },
        .on_process = [&trial](const std::string& instance,
                               pid_t pid) { trial.processes.set(instance, pid); }};
    trial.fleet = std::make_unique<Fleet>(
        trial.loop, trial.context, std::move(provision), std::move(observer));
    trial.signals->attach(*trial.fleet);
    return {};
}

Result<> launch(TrialState& trial) {
    trial.enter(TrialPhase::launch);
    FL_TRY_VOID(trial.waits.spend([&] { return trial.fleet->launch(); }));
    trial.waits.spend([&] {
        trial.fleet->watch_roles();
        return 0;
    });
    trial.signals->start_probes();
    return {};
}

void forget_attempt(TrialState& trial) {
    if (trial.fleet) static_cast<void>(trial.fleet->stop(now() + stop_patience));
    trial.socket.reset();
    trial.fleet.reset();
    trial.links.reset();
    trial.network.reset();
    static_cast<void>(remove_tree(trial.context.folder));
    trial.remove_temporary_folders();
}

}  // namespace

bool start_targets(TrialState& trial) {
    for (int attempt = 1;; ++attempt) {
        trial.enter(TrialPhase::provision);
        Result<> started = prepare(trial);
        const bool machine_trouble = !started;
        if (started) started = launch(trial);
        if (started) return true;
        if (trial.loop.interrupted())
            return trial.end_with(TrialOutcome::interrupted, "interrupted while starting");
        if (started.error().code != ErrorCode::exists || attempt == port_race_tries) {
            return trial.end_with(
                machine_trouble ? TrialOutcome::harness_error : TrialOutcome::unhealthy,
                started.error().message);
        }
        trial.mark("port race");
        forget_attempt(trial);
    }
}

}  // namespace faultline
