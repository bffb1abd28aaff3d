// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/fixed_timeout.hpp"

#include "harness/base/check.hpp"

namespace ftcore {

FixedTimeoutDetector::FixedTimeoutDetector(Duration timeout) : timeout_(timeout) {
    FL_CHECK_OP(>, timeout.count(), 0);
}

void FixedTimeoutDetector::arrived(Instant now, std::uint64_t /*sequence*/, Duration /*interval*/) {
    last_ = now;
}

Assessment FixedTimeoutDetector::assess(Instant now) const {
    if (!last_) return {};
    const double level =
        static_cast<double>((now - *last_).count()) / static_cast<double>(timeout_.count());
    return {now >= deadline() ? Trust::suspected : Trust::trusted, level};
}

Instant FixedTimeoutDetector::deadline() const {
    return last_ ? *last_ + timeout_ : Instant::max();
}

void FixedTimeoutDetector::reset(Instant /*now*/) {
    last_.reset();
}

}  // namespace ftcore
