// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/backoff.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore::guard {

Backoff::Backoff(BackoffSettings settings) : settings_(settings), last_(settings.base) {
    FL_CHECK_OP(>, settings.base, Duration::zero());
    FL_CHECK_OP(<=, settings.base, settings.cap);
}

Duration Backoff::next(Random& random) {
    // Beyond a third of the cap, three times the last pause is above it anyway, and may overflow.
    const Duration highest = last_ > settings_.cap / 3 ? settings_.cap : last_ * 3;
    const auto span =
        static_cast<double>((std::max(highest, settings_.base) - settings_.base).count());
    const auto drawn = static_cast<Duration::rep>(random.uniform() * (span + 1));
    last_ = std::min(settings_.base + Duration(drawn), settings_.cap);
    return last_;
}

}  // namespace ftcore::guard
