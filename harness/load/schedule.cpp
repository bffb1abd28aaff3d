// SPDX-License-Identifier: Apache-2.0
#include "harness/load/schedule.hpp"

#include <cmath>

#include "harness/base/check.hpp"

namespace faultline {

Schedule::Schedule(Arrivals arrivals, double rate, Random random)
    : arrivals_(arrivals), period_ns_(1e9 / rate), random_(random) {
    FL_CHECK_OP(>, rate, 0);
    if (arrivals_ == Arrivals::poisson) advance();
}

void Schedule::advance() {
    switch (arrivals_) {
        case Arrivals::constant:
            // From the count, not from the last offset: rounding must not accumulate into the rate.
            ++count_;
            offset_ = Duration(std::llround(static_cast<double>(count_) * period_ns_));
            return;
        case Arrivals::poisson:
            poisson_ns_ += random_.exponential(period_ns_);
            offset_ = Duration(std::llround(poisson_ns_));
            return;
    }
}

}  // namespace faultline
