// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/byte_clock.hpp"

#include "harness/base/check.hpp"

namespace faultline::link {

ByteClock::ByteClock(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {
    FL_CHECK(rate_ > 0);
}

Instant ByteClock::put(Instant ready, std::uint64_t count) {
    if (ready > free_) {
        busy_since_ = ready;
        bytes_ = 0;
    }
    bytes_ += count;
    free_ = busy_since_ + time_for(bytes_);
    return free_;
}

Duration ByteClock::time_for(std::uint64_t bytes) const {
    // Bytes times nanoseconds pass 64 bits after 18 GB.
    __extension__ using Wide = unsigned __int128;
    constexpr Wide second = 1'000'000'000;
    return Duration(static_cast<std::int64_t>((bytes * second + rate_ - 1) / rate_));
}

}  // namespace faultline::link
