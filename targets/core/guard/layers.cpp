// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/layers.hpp"

#include <set>

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace ftcore::guard {

// ---- retry

struct RetryLayer::Shared {
    Shared(const RetrySettings& the_settings, Random the_random, Instant now)
        : settings(the_settings), random(the_random), budget(the_settings.budget, now) {}

    const RetrySettings settings;
    std::mutex mutex;
    Random random;
    RetryBudget budget;
};

RetryLayer::RetryLayer(Clock& clock, RetrySettings settings, Random random)
    : clock_(&clock), shared_(std::make_shared<Shared>(settings, random, clock.now())) {}

RetryCall RetryLayer::begin(const CallContext& context) {
    const std::lock_guard lock(shared_->mutex);
    return {shared_->settings, shared_->budget, shared_->random, context, clock_->now()};
}

std::optional<Instant> RetryLayer::after_failure(RetryCall& call, const CallError& error) {
    const std::lock_guard lock(shared_->mutex);
    return call.failed(clock_->now(), error);
}

// ---- breaker

struct BreakerLayer::Shared {
    Shared(BreakerSettings settings, Counts the_counts)
        : breaker(settings), counts(std::move(the_counts)) {}

    std::mutex mutex;
    CircuitBreaker breaker;
    const Counts counts;
};

BreakerLayer::BreakerLayer(Clock& clock, BreakerSettings settings, Counts counts)
    : clock_(&clock), shared_(std::make_shared<Shared>(settings, std::move(counts))) {}

CallResult<CircuitBreaker::Permit> BreakerLayer::admit() {
    const std::lock_guard lock(shared_->mutex);
    const Instant now = clock_->now();
    if (const auto permit = shared_->breaker.admit(now)) return *permit;
    const Duration left = std::max(shared_->breaker.probe_at() - now, Duration::zero());
    return call_refused(
        "breaker",
        ErrorCode::overloaded,
        Retry::later,
        fmt::format("not called: too many recent calls failed; the next probe is let through in {}",
                    faultline::format_duration(left)));
}

void BreakerLayer::record(CircuitBreaker::Permit permit, const CallError* error) {
    const bool counts = error != nullptr && shared_->counts(*error);
    const std::lock_guard lock(shared_->mutex);
    if (error == nullptr) {
        shared_->breaker.succeeded(clock_->now(), permit);
    } else if (counts) {
        shared_->breaker.failed(clock_->now(), permit);
    } else {
        shared_->breaker.abandoned(permit);
    }
}

CircuitBreaker::State BreakerLayer::state() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->breaker.state(clock_->now());
}

// ---- bulkhead

struct BulkheadLayer::Shared {
    explicit Shared(BulkheadSettings settings) : bulkhead(settings) {}

    std::mutex mutex;
    std::condition_variable changed;
    Bulkhead bulkhead;
    std::set<Bulkhead::Ticket> started;  // waited and may go now
};

BulkheadLayer::BulkheadLayer(Clock& clock, BulkheadSettings settings)
    : clock_(&clock), shared_(std::make_shared<Shared>(settings)) {}

CallResult<> BulkheadLayer::enter(Deadline deadline) {
    std::unique_lock lock(shared_->mutex);
    const auto refused = [](std::string why) {
        return call_refused("bulkhead", ErrorCode::overloaded, Retry::later, std::move(why));
    };
    const auto admission = shared_->bulkhead.enter(clock_->now(), deadline);
    switch (admission.entry) {
        case Bulkhead::Entry::started:
            return {};
        case Bulkhead::Entry::refused:
            return refused(fmt::format("not called: {} calls run and {} wait",
                                       shared_->bulkhead.running(),
                                       shared_->bulkhead.waiting()));
        case Bulkhead::Entry::waiting:
            break;
    }
    for (;;) {
        if (shared_->started.erase(admission.ticket) > 0) return {};
        const Instant give_up = shared_->bulkhead.deadline_of(admission.ticket).when();
        if (clock_->now() >= give_up) break;
        // The wait is real also where the clock is not: what ends it is `leave`.
        shared_->changed.wait_until(lock, give_up);
    }
    shared_->bulkhead.cancel(admission.ticket);
    return refused("not called: no place became free in time");
}

void BulkheadLayer::leave() {
    {
        const std::lock_guard lock(shared_->mutex);
        if (const auto next = shared_->bulkhead.leave(clock_->now()))
            shared_->started.insert(*next);
    }
    shared_->changed.notify_all();
}

std::size_t BulkheadLayer::running() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->bulkhead.running();
}

std::size_t BulkheadLayer::waiting() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->bulkhead.waiting();
}

}  // namespace ftcore::guard
