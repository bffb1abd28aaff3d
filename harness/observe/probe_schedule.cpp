// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "harness/base/check.hpp"
#include "harness/observe/probe.hpp"

namespace faultline {

struct ProbeSchedule::State : std::enable_shared_from_this<ProbeSchedule::State> {
    State(Loop& the_loop,
          Duration the_period,
          std::unique_ptr<Probe> the_probe,
          std::function<void(const ProbeAnswer&)> the_callback)
        : loop(the_loop),
          period(the_period),
          probe(std::move(the_probe)),
          on_answer(std::move(the_callback)),
          due(now()) {}

    void wait() {
        // A weak pointer: this timer is part of what it would otherwise keep alive.
        timer = loop.call_at(due, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self) return;
            self->advance();
            self->ask();
            self->wait();
        });
    }

    /// The next multiple of the period from the start that is still to come: no drift, no backlog.
    void advance() {
        const Duration late = now() - due;
        due += period * (late / period + 1);
    }

    void ask() {
        if (asking) return;  // the last question is still open: this turn is skipped
        asking = true;
        probe->ask([weak = weak_from_this()](ProbeAnswer answer) {
            const auto self = weak.lock();
            if (!self) return;
            self->asking = false;
            self->last = std::move(answer);
            self->on_answer(*self->last);
        });
    }

    Loop& loop;
    Duration period;
    std::unique_ptr<Probe> probe;
    std::function<void(const ProbeAnswer&)> on_answer;
    Instant due;
    Timer timer;
    bool asking = false;
    std::optional<ProbeAnswer> last;
};

ProbeSchedule::ProbeSchedule(Loop& loop,
                             Duration period,
                             std::unique_ptr<Probe> probe,
                             std::function<void(const ProbeAnswer&)> on_answer)
    : state_(std::make_shared<State>(loop, period, std::move(probe), std::move(on_answer))) {
    FL_CHECK(period > Duration::zero());
    state_->wait();
}

ProbeSchedule::~ProbeSchedule() = default;
ProbeSchedule::ProbeSchedule(ProbeSchedule&&) noexcept = default;

const std::optional<ProbeAnswer>& ProbeSchedule::last() const {
    return state_->last;
}
void ProbeSchedule::ask_now() {
    state_->ask();
}

}  // namespace faultline
