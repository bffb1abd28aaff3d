// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/guard/backoff.hpp"
#include "targets/core/guard/call.hpp"
#include "targets/core/guard/retry_budget.hpp"

namespace ftcore::guard {

struct RetrySettings {
    int attempts_max = 4;  // the first one included
    BackoffSettings backoff{};
    RetryBudgetSettings budget{};
};

/// The attempts of one call, for callers that wait in their own way (an event loop's timer):
///
///   RetryCall call(settings, budget, random, context, now);
///   on failure:  if (auto when = call.failed(now, error)) try again at *when, with call.context()
///
/// What may have happened is tried again only when it is idempotent; what is surely not done,
/// always. Outlives: `budget` and `random` outlive it. Thread: one owner.
class RetryCall {
  public:
    RetryCall(const RetrySettings& settings,
              RetryBudget& budget,
              Random& random,
              CallContext context,
              Instant now);

    /// When to try again; nothing: give up and hand on the error.
    [[nodiscard]] std::optional<Instant> failed(Instant now, const CallError& error);
    /// Of the attempt that is due.
    [[nodiscard]] const CallContext& context() const { return context_; }

  private:
    [[nodiscard]] bool may_repeat(const CallError& error) const;
    [[nodiscard]] Duration pause_before_next(const CallError& error);

    int attempts_max_;
    RetryBudget& budget_;
    Random& random_;
    Backoff backoff_;
    CallContext context_;
};

}  // namespace ftcore::guard
