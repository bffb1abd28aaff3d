// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/judge/evidence.hpp"

namespace faultline {

/// "recovery_time.p95".
[[nodiscard]] std::string name_of_measure(const Expectation& expectation);
/// A value in the words of its measure: "1.38 s", "93.4 %", "4".
[[nodiscard]] std::string show(MeasureShape shape, double value);

/// "recovery_time.p95 is 1.38 s over 20 trials, 1 of them censored". Requires: n > 0.
[[nodiscard]] std::string describe_point(const Expectation& expectation, const Evidence& evidence);
/// The same with what is known at the confidence asked. Requires: a confidence.
[[nodiscard]] std::string describe_bounds(const Expectation& expectation, const Evidence& evidence);

/// Says what would decide the expectation and how many trials that takes. Requires: a confidence.
void explain_inconclusive(const Expectation& expectation,
                          const Evidence& evidence,
                          ExpectationResult& result);

}  // namespace faultline
