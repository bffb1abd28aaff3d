// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "targets/core/pipeline/stages.hpp"

namespace ftcore {

// What concerns this node itself: its disk, its data, its operations, its load.

void Pipeline::State::take(Instant now, const signal::Operation& /*operation*/) {
    look_soon(now);
}

void Pipeline::State::take(Instant now, const signal::Storage& write) {
    if (write.outcome != ErrorCode::none || write.latency >= settings.storage.latency_min)
        due = true;
    look_soon(now);
}

void Pipeline::State::take(Instant now, const signal::LoopLag& /*lag*/) {
    replan_peers();
    const Duration gap = monitor.take_gap();
    if (gap < settings.own_gap_told) return;
    outbox.emit(now,
                "anomaly",
                {{"about", outbox.name(settings.self)},
                 {"by", "loop_lag"},
                 {"text", fmt::format("did not run for {}", faultline::format_duration(gap))}});
}

void Pipeline::State::take(Instant now, const signal::Corruption& corruption) {
    if (!integrity.found(now, corruption.where)) return;
    corruption_found.push_back(corruption.where);
    due = true;
}

void Pipeline::State::take(Instant now, const signal::ActionDone& done) {
    if (recovery.action_done(now, done, outbox)) {
        due = true;
    } else if (!done.ok && !done.detail.empty()) {
        outbox.emit(now,
                    "error",
                    {{"about", outbox.name(settings.self)},
                     {"step", fmt::format("action {}", done.id)},
                     {"text", done.detail}});
    }
}

void Pipeline::State::take(Instant /*now*/, const signal::Resources& /*resources*/) {}

void Pipeline::State::look_soon(Instant now) {
    if (look_at != Instant::max()) return;
    look_at = now + settings.look_every;
    others_at = std::min(others_at, look_at);
    timed = std::min(timed, look_at);
}

void Pipeline::State::look_at_self(Instant now) {
    look_at_corruption(now);
    look_at_storage(now);
    if (now < look_at) return;
    look_at_operations(now);
    const bool active = own_trouble() || overload.queue_is_long(view.queue_depth) ||
                        monitor.operations().total(now) > 0;
    look_at = active ? now + settings.look_every : Instant::max();
}

void Pipeline::State::look_at_corruption(Instant now) {
    for (std::string& where : corruption_found) {
        corruption_where = where;
        detected(now, IntegrityDetector::name(), where);
        if (!corruption_trouble) {
            corruption_trouble =
                take_on(now, diagnose_corruption(now, settings.self, where), false);
        }
    }
    corruption_found.clear();
}

void Pipeline::State::settle_corruption(Instant now) {
    if (!corruption_trouble || !recovery.verified(*corruption_trouble)) return;
    recovery.over(now, *corruption_trouble);
    corruption_trouble.reset();
}

void Pipeline::State::look_at_storage(Instant now) {
    const StorageTrouble before = storage_health.trouble();
    const StorageHealthDetector::View storage_view{.storage = monitor.storage(),
                                                   .ok = view.storage_ok,
                                                   .peers_latency = peers_storage_latency()};
    if (storage_health.assess(now, storage_view)) storage_changed(now, before);
}

void Pipeline::State::storage_changed(Instant now, StorageTrouble before) {
    const StorageTrouble trouble = storage_health.trouble();
    if (storage_trouble) {
        // What became better was repaired; what became worse is another incident.
        if (trouble < before) {
            recovery.over(now, *storage_trouble);
        } else {
            recovery.abandon(now, *storage_trouble, "it has become worse", outbox);
        }
        storage_trouble.reset();
    }
    if (trouble == StorageTrouble::none) return;
    StorageMonitor& storage = monitor.storage();
    const Duration peers_latency = peers_storage_latency();
    Diagnosis diagnosis = diagnose_storage(now,
                                           settings.self,
                                           {.trouble = trouble,
                                            .failure = storage.last_failure(),
                                            .recent = storage.recent(Duration::zero()).median,
                                            .p99 = storage.p99(now),
                                            .bound = storage_health.bound(peers_latency),
                                            .peers_latency = peers_latency});
    detected(now, StorageHealthDetector::name(), diagnosis.evidence.front());
    storage_trouble = take_on(now, std::move(diagnosis), false);
    look_soon(now);
}

void Pipeline::State::look_at_operations(Instant now) {
    const LoadFindings before{.failing = error_rate.active(),
                              .shifted = latency_shift.active(),
                              .overloaded = overload.active()};
    OperationMonitor& operations = monitor.operations();
    const Duration median = operations.latency().quantile(now, 0.5);
    error_rate.assess(now, operations.total(now), operations.failed(now));
    latency_shift.assess(now, median, operations.latency().count(now));
    overload.assess(now, view.queue_depth, median);

    const LoadFindings findings = load_findings(now);
    if (findings.failing && !before.failing) {
        detected(now, ErrorRateDetector::name(), fmt::format("{} failed", findings.failed));
    }
    if (findings.shifted && !before.shifted) {
        detected(now, LatencyShiftDetector::name(), faultline::format_duration(median));
    }
    if (findings.overloaded && !before.overloaded) {
        detected(now, OverloadDetector::name(), fmt::format("{} wait", view.queue_depth));
    }
    look_at_load(now, findings);
    shed(now);
}

LoadFindings Pipeline::State::load_findings(Instant now) {
    OperationMonitor& operations = monitor.operations();
    return {.total = operations.total(now),
            .failed = operations.failed(now),
            .most_frequent = operations.most_frequent_failure(now),
            .median = operations.latency().quantile(now, 0.5),
            .p99 = operations.latency().quantile(now, 0.99),
            .usual = latency_shift.usual(),
            .queue_depth = view.queue_depth,
            .queue_long = overload.queue_is_long(view.queue_depth),
            .failing = error_rate.active(),
            .shifted = latency_shift.active(),
            .overloaded = overload.active()};
}

void Pipeline::State::look_at_load(Instant now, const LoadFindings& findings) {
    const bool trouble = findings.failing || findings.shifted || findings.overloaded;
    if (!trouble) {
        if (!load_trouble || shedding.active()) return;
        recovery.over(now, *load_trouble);
        load_trouble.reset();
        load_diagnosed.reset();
        return;
    }
    // A disk that is known to be ill explains operations that fail or crawl.
    if (storage_trouble && !findings.overloaded) return;
    Diagnosis diagnosis = diagnose_load(now, settings.self, findings);
    const Cause cause = diagnosis.cause;
    if (load_diagnosed == cause || load_diagnosed == Cause::overload) return;
    if (load_trouble) recovery.abandon(now, *load_trouble, "commands pile up", outbox);
    load_trouble = take_on(now, std::move(diagnosis), false);
    load_diagnosed = cause;
}

void Pipeline::State::shed(Instant now) {
    const bool wanted = load_diagnosed == Cause::overload && overload.active();
    const auto share = shedding.turn(now, wanted, overload.queue_is_long(view.queue_depth));
    if (!share) return;
    outbox.act(action::Shed{*share});
    outbox.emit(now,
                "shed",
                {{"about", outbox.name(settings.self)}, {"share", fmt::format("{:.2f}", *share)}});
}

void Pipeline::State::detected(Instant now, std::string_view by, const std::string& what) {
    outbox.emit(now,
                "detected",
                {{"about", outbox.name(settings.self)}, {"by", std::string(by)}, {"what", what}});
}

/// The middle of what trusted peers with a healthy disk say.
Duration Pipeline::State::peers_storage_latency() const {
    std::vector<Duration> latencies;
    for (const WatchedPeer& peer : peers) {
        const Health& health = monitor.peer(peer.id)->health;
        if (peer.watch.trust() != Trust::trusted || !health.storage_ok) continue;
        if (health.storage_latency > Duration::zero()) latencies.push_back(health.storage_latency);
    }
    if (latencies.empty()) return Duration::zero();
    const auto middle = latencies.begin() + static_cast<std::ptrdiff_t>((latencies.size() - 1) / 2);
    std::nth_element(latencies.begin(), middle, latencies.end());
    return *middle;
}

bool Pipeline::State::own_trouble() const {
    return storage_trouble || load_trouble || corruption_trouble || error_rate.active() ||
           latency_shift.active() || overload.active() || shedding.active();
}

}  // namespace ftcore
