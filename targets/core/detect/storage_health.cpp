// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/storage_health.hpp"

#include <algorithm>

namespace ftcore {

StorageHealthDetector::StorageHealthDetector(StorageHealthSettings settings)
    : settings_(settings), slow_({.on_after = {}, .off_after = settings.off_after}) {}

bool StorageHealthDetector::assess(Instant now, const View& view) {
    const StorageTrouble before = trouble_;
    slow_.update(now, slowness(now, view));
    const bool failed_again = view.storage.failures() > failures_seen_;
    failures_seen_ = view.storage.failures();
    if (failed_again && view.storage.last_outcome() != ErrorCode::none) {
        trouble_ = view.storage.last_outcome() == ErrorCode::storage_full ? StorageTrouble::full
                                                                          : StorageTrouble::failing;
        was_outstanding_ = false;
    }
    if (!view.ok) was_outstanding_ = true;
    const bool broken = trouble_ == StorageTrouble::full || trouble_ == StorageTrouble::failing;
    const bool mended =
        view.ok && (was_outstanding_ || view.storage.last_outcome() == ErrorCode::none);
    if (!broken || mended) trouble_ = slow_.active() ? StorageTrouble::slow : StorageTrouble::none;
    return trouble_ != before;
}

Duration StorageHealthDetector::bound(Duration peers_latency) const {
    if (peers_latency == Duration::zero()) return settings_.latency_max;
    const Duration relative = faultline::duration_of_seconds(faultline::seconds_of(peers_latency) *
                                                             settings_.peers_factor);
    return std::clamp(relative, settings_.latency_min, settings_.latency_max);
}

Reading StorageHealthDetector::slowness(Instant now, const View& view) const {
    // A disk that nothing is written to any more has nothing against it.
    const auto& last = view.storage.last_at();
    if (!last || now - *last > settings_.off_after) return Reading::good;
    const auto recent = view.storage.recent(bound(view.peers_latency));
    if (recent.count < StorageMonitor::recent_count) return Reading::between;
    if (recent.slower + 1 >= recent.count && recent.within >= settings_.slow_for) {
        return Reading::bad;
    }
    return recent.slower * 3 <= recent.count ? Reading::good : Reading::between;
}

}  // namespace ftcore
