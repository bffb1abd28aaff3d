// SPDX-License-Identifier: Apache-2.0
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>

#include "harness/base/check.hpp"
#include "harness/measure/binomial.hpp"
#include "harness/measure/statistics.hpp"

namespace faultline {
namespace {

// long double would cost tenfold and gain digits nobody prints.
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

}  // namespace

double binomial_at_most(std::int64_t k, std::int64_t n, double p) {
    if (k < 0) return 0;
    if (k >= n) return 1;
    return boost::math::ibetac(static_cast<double>(k + 1), static_cast<double>(n - k), p, Policy());
}

double binomial_at_least(std::int64_t k, std::int64_t n, double p) {
    if (k <= 0) return 1;
    if (k > n) return 0;
    return boost::math::ibeta(static_cast<double>(k), static_cast<double>(n - k + 1), p, Policy());
}

double proportion_lower_bound(std::uint64_t k, std::uint64_t n, double confidence) {
    FL_CHECK_OP(<=, k, n);
    if (k == 0) return 0;
    return boost::math::ibeta_inv(
        static_cast<double>(k), static_cast<double>(n - k + 1), 1 - confidence, Policy());
}

double proportion_upper_bound(std::uint64_t k, std::uint64_t n, double confidence) {
    FL_CHECK_OP(<=, k, n);
    if (k == n) return 1;
    return boost::math::ibetac_inv(
        static_cast<double>(k + 1), static_cast<double>(n - k), 1 - confidence, Policy());
}

Interval proportion_interval(std::uint64_t k, std::uint64_t n, double confidence) {
    const double each = 0.5 + confidence / 2;
    return {proportion_lower_bound(k, n, each), proportion_upper_bound(k, n, each)};
}

}  // namespace faultline
