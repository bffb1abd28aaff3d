// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/retry.hpp"

namespace ftcore::guard {

RetryCall::RetryCall(const RetrySettings& settings,
                     RetryBudget& budget,
                     Random& random,
                     CallContext context,
                     Instant now)
    : attempts_max_(settings.attempts_max),
      budget_(budget),
      random_(random),
      backoff_(settings.backoff),
      context_(context) {
    budget_.deposit(now);
}

bool RetryCall::may_repeat(const CallError& error) const {
    switch (error.retry) {
        case Retry::elsewhere:
        case Retry::later:
            return true;
        case Retry::if_idempotent:
            return context_.idempotent;
        case Retry::never:
            break;
    }
    return false;
}

Duration RetryCall::pause_before_next(const CallError& error) {
    // The first "not me, ask over there" costs nothing; a ring of them must not spin.
    if (error.retry == Retry::elsewhere && context_.attempt == 1) return Duration::zero();
    return backoff_.next(random_);
}

std::optional<Instant> RetryCall::failed(Instant now, const CallError& error) {
    if (context_.attempt >= attempts_max_ || !may_repeat(error)) return std::nullopt;
    const Instant next = now + pause_before_next(error);
    // Asked last: a retry that nobody waits for must not cost one that somebody does.
    if (context_.deadline.passed(next) || !budget_.withdraw(now)) return std::nullopt;
    ++context_.attempt;
    return next;
}

}  // namespace ftcore::guard
