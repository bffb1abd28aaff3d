// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace faultline {

/// P(B ≤ k) and P(B ≥ k) of a binomial B with n draws of probability p; exact in both tails.
[[nodiscard]] double binomial_at_most(std::int64_t k, std::int64_t n, double p);
[[nodiscard]] double binomial_at_least(std::int64_t k, std::int64_t n, double p);

}  // namespace faultline
