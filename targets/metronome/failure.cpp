// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/failure.hpp"

#include <cstdlib>
#include <string>
#include <utility>

#include "harness/include/faultline/event.hpp"

namespace metronome {
namespace {

using faultline::Instant;

std::string_view cause_of(FailureKind kind) {
    switch (kind) {
        case FailureKind::error:
            return "error";
        case FailureKind::silent:
            return "hang";
        case FailureKind::close:
            return "crash";
    }
    return "error";
}

std::string own_name() {
    const char* const name = std::getenv("FAULTLINE_INSTANCE");
    return name == nullptr ? "metronome" : name;
}

}  // namespace

Failure::Failure(FailurePlan plan,
                 std::uint64_t seed,
                 Poller& poller,
                 State& state,
                 Chronicle& chronicle,
                 std::function<void()> changed)
    : plan_(std::move(plan)),
      random_(seed),
      poller_(poller),
      state_(state),
      chronicle_(chronicle),
      changed_(std::move(changed)) {}

void Failure::on_ready(Instant at) {
    if (!plan_.trigger_signal) on_trigger(at);
}

void Failure::on_trigger(Instant at) {
    if (scheduled_) return;
    scheduled_ = true;
    const Instant planned = at + plan_.delay.value_or(faultline::Duration::zero());
    poller_.call_at(planned, [this](Instant when) { fail(when); });
}

// In each step the clock is read right after the state changed: from then on every reply is
// different.

void Failure::fail(Instant planned) {
    state_.failing = plan_.kind;
    state_.detected = false;
    const Instant at = faultline::now();
    changed_();
    Facts facts{{"cause", std::string(cause_of(plan_.kind))}};
    if (plan_.detect_after) {
        poller_.call_at(at + *plan_.detect_after, [this](Instant when) { announce(when); });
    }
    if (plan_.lasts) {
        const faultline::Duration span = plan_.lasts->draw(random_);
        facts.emplace_back("lasts_ns", std::to_string(span.count()));
        poller_.call_at(at + span, [this](Instant when) { recover(when); });
    }
    chronicle_.record("failed", at, planned, facts);
}

void Failure::announce(Instant planned) {
    state_.detected = true;
    const Instant at = faultline::now();
    faultline::send_event("detected",
                          {{"about", own_name()}, {"cause", cause_of(plan_.kind)}},
                          faultline::nanoseconds_of(at));
    chronicle_.record("detected", at, planned, {{"cause", std::string(cause_of(plan_.kind))}});
}

void Failure::recover(Instant planned) {
    state_.failing.reset();
    const Instant at = faultline::now();
    changed_();
    scheduled_ = false;
    faultline::send_event("recovered", {{"about", own_name()}}, faultline::nanoseconds_of(at));
    chronicle_.record("recovered", at, planned);
}

}  // namespace metronome
