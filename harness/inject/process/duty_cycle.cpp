// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/process/duty_cycle.hpp"

#include <algorithm>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace faultline {
namespace {

/// However late we woke: the victims are throttled, not hung.
constexpr Duration frozen_span_max = 20 * DutyCycle::period;

Duration part_of(Duration span, double factor) {
    return duration_of_seconds(seconds_of(span) * factor);
}

}  // namespace

DutyCycle::DutyCycle(const std::vector<Freezer>& freezers, double share)
    : freezers_(freezers), share_(share), thread_([this] { run(); }) {}

DutyCycle::~DutyCycle() {
    static_cast<void>(stop());
}

Result<> DutyCycle::start() {
    auto frozen = freeze_all();
    {
        const std::scoped_lock lock(mutex_);
        phase_ = Phase::cycling;
    }
    changed_.notify_all();
    return frozen;
}

Result<> DutyCycle::stop() {
    {
        const std::scoped_lock lock(mutex_);
        phase_ = Phase::stopping;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    return thaw_all();
}

void DutyCycle::run() {
    // Precision, where the machine grants it; the measured share is what the proof goes by.
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, -20));
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return phase_ != Phase::waiting; });
    }
    const Duration run_span = part_of(period, share_);
    Duration frozen_span = period - run_span;
    while (sleep_until(now() + frozen_span)) {
        ++looks_all_;
        if (std::all_of(freezers_.begin(), freezers_.end(), [](const Freezer& freezer) {
                return freezer.frozen();
            })) {
            ++looks_frozen_;
        }
        // Errors are those of a victim that ended; what became of it is the proof's business.
        static_cast<void>(thaw_all());
        const Instant thawed = now();
        if (!sleep_until(thawed + run_span)) return;
        static_cast<void>(freeze_all());
        // Waking late let them run too long, so they stand still in proportion.
        frozen_span = std::min(part_of(now() - thawed, (1 - share_) / share_), frozen_span_max);
    }
}

bool DutyCycle::sleep_until(Instant when) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, when, [this] { return phase_ == Phase::stopping; });
    return phase_ != Phase::stopping;
}

Result<> DutyCycle::freeze_all() const {
    Result<> result;
    for (const Freezer& freezer : freezers_) {
        auto frozen = freezer.freeze();
        if (!frozen && result) result = std::move(frozen);
    }
    return result;
}

Result<> DutyCycle::thaw_all() const {
    Result<> result;
    for (const Freezer& freezer : freezers_) {
        auto thawed = freezer.thaw();
        if (!thawed && result) result = std::move(thawed);
    }
    return result;
}

}  // namespace faultline
