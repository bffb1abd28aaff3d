// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/error_rate.hpp"

#include <cmath>

namespace ftcore {

double wilson_lower(std::uint64_t count, std::uint64_t total, double deviations) {
    const auto n = static_cast<double>(total);
    const double share = static_cast<double>(count) / n;
    const double z2 = deviations * deviations;
    const double middle = share + z2 / (2 * n);
    const double half = deviations * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (middle - half) / (1 + z2 / n);
}

ErrorRateDetector::ErrorRateDetector(ErrorRateSettings settings)
    : settings_(settings), state_({.on_after = {}, .off_after = settings.off_after}) {}

Change ErrorRateDetector::assess(Instant now, std::uint64_t total, std::uint64_t failed) {
    constexpr double good_fraction = 0.25;
    Reading reading = Reading::between;
    if (failed == 0) {
        reading = Reading::good;
    } else if (total >= settings_.operations_min) {
        const double share = static_cast<double>(failed) / static_cast<double>(total);
        if (wilson_lower(failed, total, settings_.confidence) > settings_.share_max) {
            reading = Reading::bad;
        } else if (share < settings_.share_max * good_fraction) {
            reading = Reading::good;
        }
    }
    return state_.update(now, reading);
}

}  // namespace ftcore
