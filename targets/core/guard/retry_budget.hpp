// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/types.hpp"

namespace ftcore::guard {

struct RetryBudgetSettings {
    double per_call = 0.2;     // retries that each first attempt pays for
    double per_second = 1.0;   // and that time pays for, so that a rare caller may retry too
    double tokens_max = 20.0;  // saved up at most
};

/// Keeps retries a small share of all calls, so that a struggling service is not finished off by
/// callers who all try three times. A token bucket: first attempts and time pay in, a retry costs
/// one. Source: Finagle `RetryBudget`; Beyer et al., "Site Reliability Engineering" (2016),
/// chapter 21. Thread: one owner.
class RetryBudget {
  public:
    /// Starts full. Requires: rates not negative, tokens_max >= 1.
    RetryBudget(RetryBudgetSettings settings, Instant now);

    /// A first attempt is made.
    void deposit(Instant now);
    /// Whether a retry may be made; pays for it.
    [[nodiscard]] bool withdraw(Instant now);
    [[nodiscard]] double tokens(Instant now) const;

  private:
    void add(Instant now, double tokens);

    RetryBudgetSettings settings_;
    double tokens_;
    Instant updated_;
};

}  // namespace ftcore::guard
