// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "harness/base/random.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace metronome {

/// A span of time that is fixed or drawn: `300ms`, `uniform:200ms..400ms`, `exponential:300ms`.
class SpanSource {
  public:
    /// Errors: the text, and what would be right.
    [[nodiscard]] static faultline::Result<SpanSource> parse(std::string_view text);
    [[nodiscard]] faultline::Duration draw(faultline::Random& random) const;

  private:
    enum class Shape { fixed, uniform, exponential };
    Shape shape_ = Shape::fixed;
    faultline::Duration first_{};   // the span, the lower end, or the mean
    faultline::Duration second_{};  // the upper end of a uniform draw
};

}  // namespace metronome
