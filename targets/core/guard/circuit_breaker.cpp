// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/circuit_breaker.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore::guard {

CircuitBreaker::CircuitBreaker(BreakerSettings settings)
    : settings_(settings), open_for_(settings.open_for) {
    FL_CHECK_OP(>, settings.failure_share, 0.0);
    FL_CHECK_OP(<=, settings.failure_share, 1.0);
    FL_CHECK_OP(>, settings.calls_min, 0);
    FL_CHECK_OP(>, settings.probes, 0);
    FL_CHECK_OP(>=, settings.window, Duration(slice_count));
    FL_CHECK_OP(>, settings.open_for, Duration::zero());
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::admit(Instant now) {
    const Permit permit{epoch_, now};
    switch (state_) {
        case State::closed:
            return permit;
        case State::open:
            if (now < probe_at_) return std::nullopt;
            enter(State::half_open);
            break;
        case State::half_open:
            // One at a time; a probe whose caller was lost must not keep it half open for ever.
            if (probing_ && now < probe_at_) return std::nullopt;
            break;
    }
    probing_ = true;
    probe_at_ = now + open_for_;
    return Permit{epoch_, now};
}

void CircuitBreaker::succeeded(Instant now, Permit permit) {
    if (permit.epoch != epoch_) return;
    if (state_ == State::closed) return count(now, false);
    probing_ = false;
    if (++probes_succeeded_ >= settings_.probes) close();
}

void CircuitBreaker::failed(Instant now, Permit permit) {
    if (permit.epoch != epoch_) return;
    if (state_ == State::closed) {
        count(now, true);
        if (too_many_failures(now)) open(now, settings_.open_for);
        return;
    }
    open(now, std::min(open_for_ * 2, std::max(settings_.open_for_max, settings_.open_for)));
}

void CircuitBreaker::abandoned(Permit permit) {
    if (permit.epoch == epoch_) probing_ = false;
}

CircuitBreaker::State CircuitBreaker::state(Instant now) const {
    return state_ == State::open && now >= probe_at_ ? State::half_open : state_;
}

std::int64_t CircuitBreaker::slice_number(Instant now) const {
    return now.time_since_epoch() / (settings_.window / slice_count);
}

void CircuitBreaker::count(Instant now, bool failure) {
    const std::int64_t number = slice_number(now);
    Slice& slice = slices_[static_cast<std::size_t>(number) % slice_count];
    if (slice.number != number) slice = {.number = number};
    ++slice.calls;
    slice.failures += failure ? 1 : 0;
}

bool CircuitBreaker::too_many_failures(Instant now) const {
    const std::int64_t oldest = slice_number(now) - static_cast<std::int64_t>(slice_count) + 1;
    int calls = 0;
    int failures = 0;
    for (const Slice& slice : slices_) {
        if (slice.number < oldest) continue;
        calls += slice.calls;
        failures += slice.failures;
    }
    return calls >= settings_.calls_min && failures >= settings_.failure_share * calls;
}

void CircuitBreaker::open(Instant now, Duration span) {
    enter(State::open);
    open_for_ = span;
    probe_at_ = now + span;
}

void CircuitBreaker::close() {
    enter(State::closed);
    open_for_ = settings_.open_for;
    slices_ = {};
}

void CircuitBreaker::enter(State state) {
    state_ = state;
    ++epoch_;
    probing_ = false;
    probes_succeeded_ = 0;
}

std::string_view name_of(CircuitBreaker::State state) {
    switch (state) {
        case CircuitBreaker::State::closed:
            return "closed";
        case CircuitBreaker::State::open:
            return "open";
        case CircuitBreaker::State::half_open:
            break;
    }
    return "half-open";
}

}  // namespace ftcore::guard
