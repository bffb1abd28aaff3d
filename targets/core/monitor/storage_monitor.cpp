// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/storage_monitor.hpp"

#include <algorithm>

namespace ftcore {

void StorageMonitor::record(Instant now, const signal::Storage& write) {
    last_at_ = now;
    last_outcome_ = write.outcome;
    if (write.outcome != ErrorCode::none) {
        ++failures_;
        last_failure_ = write.what;
        return;
    }
    latency_.record(now, write.latency);
    recent_[succeeded_++ % recent_count] = {now, write.latency};
}

StorageMonitor::Recent StorageMonitor::recent(Duration bound) const {
    Recent result;
    result.count = std::min<std::size_t>(succeeded_, recent_count);
    if (result.count == 0) return result;
    std::array<Duration, recent_count> latencies{};
    Instant first = Instant::max();
    Instant last = Instant::min();
    for (std::size_t i = 0; i < result.count; ++i) {
        latencies[i] = recent_[i].latency;
        if (recent_[i].latency > bound) ++result.slower;
        first = std::min(first, recent_[i].end - recent_[i].latency);
        last = std::max(last, recent_[i].end);
    }
    result.within = last - first;
    const auto middle = latencies.begin() + static_cast<std::ptrdiff_t>(result.count / 2);
    std::nth_element(
        latencies.begin(), middle, latencies.begin() + static_cast<std::ptrdiff_t>(result.count));
    result.median = *middle;
    return result;
}

}  // namespace ftcore
