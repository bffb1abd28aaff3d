// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/windows.hpp"

#include <algorithm>

namespace ftcore {

void CountWindow::add(Instant now, std::uint64_t count) {
    slots_[advance(now)] += count;
    sum_ += count;
}

std::uint64_t CountWindow::sum(Instant now) {
    advance(now);
    return sum_;
}

std::size_t CountWindow::advance(Instant now) {
    return clock_.advance(now, [this](std::size_t slot) {
        sum_ -= slots_[slot];
        slots_[slot] = 0;
    });
}

void MaximumWindow::record(Instant now, Duration value) {
    Duration& slot = slots_[advance(now)];
    slot = std::max(slot, value);
}

Duration MaximumWindow::maximum(Instant now) {
    advance(now);
    return *std::max_element(slots_.begin(), slots_.end());
}

std::size_t MaximumWindow::advance(Instant now) {
    return clock_.advance(now, [this](std::size_t slot) { slots_[slot] = Duration::zero(); });
}

}  // namespace ftcore
