// SPDX-License-Identifier: Apache-2.0
#include "harness/run/catalog.hpp"
#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

constexpr Duration write_check_patience = std::chrono::seconds(30);
constexpr Duration write_check_of_the_dead = std::chrono::seconds(1);

/// A service that may still come back is waited for.
Duration patience_with(const Fleet& fleet) {
    for (int index = 0; index < fleet.size(); ++index) {
        if (fleet.instance(index).running()) return write_check_patience;
    }
    return write_check_of_the_dead;
}

void check_writes(TrialState& trial) {
    const auto& load = trial.scenario.load;
    TrialRecord& record = trial.record;
    const Kind* driver = load ? find_kind(full_catalog().drivers, load->driver) : nullptr;
    if (driver == nullptr || !driver->checks_writes || record.outcome != TrialOutcome::pass) return;
    const Duration patience = patience_with(*trial.fleet);
    const WriteCheck check =
        trial.waits.spend([&] { return trial.load->check_writes(now() + patience); });
    record.write_check_note = check.note;
    if (check.reads_checked > 0) {
        record.reads_checked = check.reads_checked;
        record.stale_reads = check.stale_reads;
        record.stale_keys = check.stale_keys;
    }
    if (!check.checked) return;
    record.acknowledged_writes = check.acknowledged;
    record.lost_writes = check.lost;
    record.unknown_writes = check.unknown;
    record.lost_keys = check.lost_keys;
}

void wait_for_redundancy(TrialState& trial) {
    const auto& redundancy = trial.scenario.redundancy;
    if (trial.record.outcome != TrialOutcome::pass || !redundancy || trial.context.control) return;
    trial.waits.spend([&] {
        return trial.watch_until(now() + redundancy->within,
                                 [&] { return trial.fleet->healthy_since().has_value(); });
    });
    trial.timeline.redundant = trial.fleet->healthy_since();
}

}  // namespace

void quiet_period(TrialState& trial) {
    trial.enter(TrialPhase::quiet);
    if (trial.loop.interrupted()) trial.end_with(TrialOutcome::interrupted, "interrupted");
    trial.loop.resume_after_interrupt();
    trial.schedule->clear_all();
    wait_for_redundancy(trial);
    check_writes(trial);
    trial.timeline.injections = trial.schedule->injections();
    if (trial.schedule->disturbed()) trial.mark("disturbed");
    if (trial.record.outcome != TrialOutcome::pass) return;
    if (!trial.schedule->problem().empty()) {
        trial.end_with(TrialOutcome::ineffective, trial.schedule->problem());
    }
}

}  // namespace faultline
