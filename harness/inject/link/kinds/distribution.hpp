// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline::link {

/// No delay is longer than this.
inline constexpr Duration delay_max = std::chrono::hours(1);

enum class DelayShape : std::uint8_t { constant, uniform, normal, exponential, pareto, quantiles };

/// How long delays are. What is drawn below zero counts as zero, above `delay_max` as that.
struct DelaySpec {
    DelayShape shape = DelayShape::uniform;
    /// The mean; nothing for `quantiles`.
    Duration delay{};
    /// uniform: from delay - spread to delay + spread; normal: the standard deviation.
    Duration spread{};
    /// pareto: the exponent of the tail, above 1; the smaller, the heavier.
    double tail = 2;
    struct Quantile {
        double share = 0;  // in [0, 1]
        Duration delay{};
    };
    /// quantiles: rising; in between straight lines, below the first one from 0 % = 0, above the
    /// last one constant.
    std::vector<Quantile> quantiles{};
};

/// A distribution of delays. Draws depend on the `Random` given alone.
class Distribution {
  public:
    /// Errors: what is outside its range, or contradicts the rest, with the range.
    [[nodiscard]] static Result<Distribution> make(DelaySpec spec);

    /// Shape: 0 to `delay_max`.
    [[nodiscard]] Duration draw(Random& random) const;

  private:
    explicit Distribution(DelaySpec spec) : spec_(std::move(spec)) {}
    DelaySpec spec_;
};

}  // namespace faultline::link
