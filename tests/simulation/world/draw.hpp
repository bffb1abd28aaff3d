// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "targets/core/types.hpp"

namespace ftcore::simulation {

/// True with this probability.
[[nodiscard]] inline bool chance(Random& random, double probability) {
    return random.uniform() < probability;
}

/// Uniform in [low, high].
[[nodiscard]] inline Duration between(Random& random, Duration low, Duration high) {
    const auto span = static_cast<std::uint64_t>((high - low).count());
    return low + Duration(static_cast<std::int64_t>(random.below(span + 1)));
}

/// Every order of magnitude in [low, high] equally often: what hurts may be quick or slow.
[[nodiscard]] inline Duration any_magnitude(Random& random, Duration low, Duration high) {
    const double log_low = std::log(faultline::seconds_of(low));
    const double log_high = std::log(faultline::seconds_of(high));
    return faultline::duration_of_seconds(
        std::exp(log_low + (log_high - log_low) * random.uniform()));
}

/// Exponential with this mean.
[[nodiscard]] inline Duration around(Random& random, Duration mean) {
    return faultline::duration_of_seconds(random.exponential(faultline::seconds_of(mean)));
}

/// Uniform in [0, bound), for containers. Requires: bound > 0.
[[nodiscard]] inline std::size_t any_of(Random& random, std::size_t bound) {
    return static_cast<std::size_t>(random.below(bound));
}

}  // namespace ftcore::simulation
