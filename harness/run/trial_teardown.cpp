// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

constexpr Duration stop_patience = std::chrono::seconds(10);

void record_instances_before_stop(TrialState& trial) {
    const TrialContext& context = trial.context;
    for (int i = 0; i < trial.fleet->size(); ++i) {
        const Instance& instance = trial.fleet->instance(i);
        InstanceRecord record{.name = instance.name(),
                              .launch_method = std::string(name_of(context.abilities.launch))};
        record.cgroup =
            instance.cgroup() != nullptr ? "cgroup v2" : "none: " + context.abilities.cgroup_note;
        if (instance.cgroup() != nullptr) trial.scope.cgroups.push_back(instance.cgroup()->path());
        record.starts = instance.starts();
        record.output_folder = std::filesystem::relative(instance.plan().output_folder,
                                                         context.folder.parent_path().parent_path())
                                   .string();
        trial.record.instances.push_back(std::move(record));
    }
}

void record_instances_after_stop(TrialState& trial) {
    for (int i = 0; i < trial.fleet->size(); ++i) {
        const Instance& instance = trial.fleet->instance(i);
        InstanceRecord& record = trial.record.instances[static_cast<std::size_t>(i)];
        record.memory_peak_bytes = instance.memory_peak();
        const auto& status = instance.last_exit();
        if (!status) continue;
        record.exit_code = status->code;
        record.exit_signal = status->signal;
    }
}

void stop_fleet(TrialState& trial) {
    if (!trial.fleet) return;
    record_instances_before_stop(trial);
    auto stopped = trial.waits.spend([&] { return trial.fleet->stop(now() + stop_patience); });
    record_instances_after_stop(trial);
    if (!stopped) trial.end_with(TrialOutcome::harness_error, stopped.error().message);
}

void close_socket(TrialState& trial) {
    if (!trial.socket) return;
    trial.record.malformed_events = trial.socket->malformed();
    if (trial.record.malformed_events > 0) trial.mark("malformed events");
    trial.socket.reset();
}

void remove_cgroup(TrialState& trial) {
    if (!trial.context.abilities.cgroup_root || !std::filesystem::exists(trial.cgroup_folder()))
        return;
    const UndoRecord kill{.kind = UndoRecord::Kind::kill_cgroup, .path = trial.cgroup_folder()};
    if (auto removed = undo(kill); !removed) {
        trial.end_with(TrialOutcome::harness_error, removed.error().message);
    }
}

void audit(TrialState& trial) {
    const TrialContext& context = trial.context;
    reap_orphans(trial.environment_mark);
    AuditScope& scope = trial.scope;
    scope.temporary_paths.push_back(context.temporary_folder);
    if (!context.memory_folder.empty()) scope.temporary_paths.push_back(context.memory_folder);
    if (context.siblings != nullptr) {
        scope.known_children = context.siblings->of_others(context.number);
    }
    scope.known_children.push_back(context.guardian.pid());
    trial.record.leaks = audit_leaks(scope);
    if (context.siblings != nullptr) context.siblings->forget(context.number);
    if (!trial.record.leaks.empty()) {
        trial.end_with(TrialOutcome::harness_error, "left behind: " + trial.record.leaks.front());
    }
}

/// What targets wrote is worth its space only when something went wrong.
void prune(const TrialState& trial) {
    if (trial.context.keep_data || trial.record.outcome != TrialOutcome::pass || !trial.fleet)
        return;
    for (const InstancePlan& plan : trial.fleet->provision().plans) {
        std::set<std::filesystem::path> kept;
        for (const auto& [name, content] : plan.files)
            kept.insert(plan.folder / name);
        std::error_code error;
        std::vector<std::filesystem::path> doomed;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(plan.folder, error)) {
            if (!entry.is_directory(error) && !kept.contains(entry.path()))
                doomed.push_back(entry.path());
        }
        for (const auto& path : doomed)
            std::filesystem::remove(path, error);
    }
}

/// What is kept of the targets' files, and what an attempt that failed early left.
void hide_secrets(TrialState& trial) {
    if (trial.secrets.empty()) return;
    if (auto masked = mask_files(trial.context.folder, trial.secrets); !masked)
        trial.end_with(TrialOutcome::harness_error, "hiding secrets: " + masked.error().message);
    // A dead guardian is noticed through `alive`.
    if (trial.hiding_record) static_cast<void>(trial.context.guardian.done(*trial.hiding_record));
    trial.hiding_record.reset();
}

}  // namespace

void tear_down(TrialState& trial) {
    trial.enter(TrialPhase::teardown);
    trial.loop.resume_after_interrupt();
    trial.recorder.close();
    if (trial.load) trial.load->stop();
    if (trial.schedule) trial.schedule->clear_all();
    if (trial.signals) trial.signals->stop_probes();
    stop_fleet(trial);
    trial.links.reset();
    trial.network.reset();
    close_socket(trial);
    trial.remove_temporary_folders();
    remove_cgroup(trial);
    audit(trial);
    prune(trial);
    hide_secrets(trial);
}

}  // namespace faultline
