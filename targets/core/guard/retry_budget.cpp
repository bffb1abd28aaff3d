// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/retry_budget.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore::guard {

RetryBudget::RetryBudget(RetryBudgetSettings settings, Instant now)
    : settings_(settings), tokens_(settings.tokens_max), updated_(now) {
    FL_CHECK_OP(>=, settings.per_call, 0.0);
    FL_CHECK_OP(>=, settings.per_second, 0.0);
    FL_CHECK_OP(>=, settings.tokens_max, 1.0);
}

void RetryBudget::deposit(Instant now) {
    add(now, settings_.per_call);
}

bool RetryBudget::withdraw(Instant now) {
    add(now, 0);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

double RetryBudget::tokens(Instant now) const {
    const double earned =
        faultline::seconds_of(std::max(now - updated_, Duration::zero())) * settings_.per_second;
    return std::min(settings_.tokens_max, tokens_ + earned);
}

void RetryBudget::add(Instant now, double tokens_more) {
    tokens_ = std::min(settings_.tokens_max, tokens(now) + tokens_more);
    updated_ = std::max(updated_, now);
}

}  // namespace ftcore::guard
