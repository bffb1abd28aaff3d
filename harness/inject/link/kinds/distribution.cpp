// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/distribution.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/inject/link/kinds/ranges.hpp"

namespace faultline::link {
namespace {

constexpr std::size_t quantiles_max = 100;
constexpr double tail_min = 1.01;
constexpr double tail_max = 100;

Result<> check_quantiles(const std::vector<DelaySpec::Quantile>& quantiles) {
    if (quantiles.empty()) return fail("\"quantiles\" is empty", ErrorCode::invalid);
    if (quantiles.size() > quantiles_max) {
        return fail(fmt::format("\"quantiles\" has {} entries, at most {} are possible",
                                quantiles.size(),
                                quantiles_max),
                    ErrorCode::invalid);
    }
    const DelaySpec::Quantile* before = nullptr;
    for (const DelaySpec::Quantile& quantile : quantiles) {
        FL_TRY_VOID(check_number(quantile.share, {"quantiles", 0, 1}));
        FL_TRY_VOID(check_range(quantile.delay, {"quantiles", Duration::zero(), delay_max}));
        if (before != nullptr &&
            (quantile.share <= before->share || quantile.delay < before->delay)) {
            return fail(fmt::format("\"quantiles\" must rise: {} at {} comes after {} at {}",
                                    spell_duration(quantile.delay),
                                    format_share(quantile.share),
                                    spell_duration(before->delay),
                                    format_share(before->share)),
                        ErrorCode::invalid);
        }
        before = &quantile;
    }
    return {};
}

/// Whether the shape has a use for `spread`.
bool spreads(DelayShape shape) {
    return shape == DelayShape::uniform || shape == DelayShape::normal;
}

/// The piecewise linear inverse of the distribution function, from 0 to 1.
std::vector<DelaySpec::Quantile> completed(std::vector<DelaySpec::Quantile> quantiles) {
    if (quantiles.front().share > 0) quantiles.insert(quantiles.begin(), {0, Duration::zero()});
    if (quantiles.back().share < 1) quantiles.push_back({1, quantiles.back().delay});
    return quantiles;
}

double nanoseconds(Duration span) {
    return static_cast<double>(span.count());
}

double inverse(const std::vector<DelaySpec::Quantile>& quantiles, double share) {
    const auto above = std::upper_bound(
        quantiles.begin(),
        quantiles.end() - 1,
        share,
        [](double wanted, const DelaySpec::Quantile& quantile) { return wanted < quantile.share; });
    const auto below = above - 1;
    const double part = (share - below->share) / (above->share - below->share);
    return nanoseconds(below->delay) + part * nanoseconds(above->delay - below->delay);
}

}  // namespace

Result<Distribution> Distribution::make(DelaySpec spec) {
    FL_TRY_VOID(check_range(spec.delay, {"delay", Duration::zero(), delay_max}));
    FL_TRY_VOID(check_range(spec.spread, {"spread", Duration::zero(), delay_max}));
    FL_TRY_VOID(check_number(spec.tail, {"shape", tail_min, tail_max}));
    if (spec.spread > Duration::zero() && !spreads(spec.shape)) {
        return fail("\"spread\" is for the distributions uniform and normal", ErrorCode::invalid);
    }
    if (spec.shape == DelayShape::quantiles) {
        FL_TRY_VOID(check_quantiles(spec.quantiles));
        if (spec.delay > Duration::zero())
            return fail("give either \"delay\" or \"quantiles\"", ErrorCode::invalid);
        spec.quantiles = completed(std::move(spec.quantiles));
    } else if (!spec.quantiles.empty()) {
        return fail("\"quantiles\" is for the distribution quantiles", ErrorCode::invalid);
    }
    return Distribution(std::move(spec));
}

Duration Distribution::draw(Random& random) const {
    const double mean = nanoseconds(spec_.delay);
    double drawn = mean;
    switch (spec_.shape) {
        case DelayShape::constant:
            break;
        case DelayShape::uniform:
            if (spec_.spread > Duration::zero())
                drawn = mean + (2 * random.uniform() - 1) * nanoseconds(spec_.spread);
            break;
        case DelayShape::normal:
            drawn = mean + random.normal() * nanoseconds(spec_.spread);
            break;
        case DelayShape::exponential:
            drawn = random.exponential(mean);
            break;
        case DelayShape::pareto: {
            const double least = mean * (spec_.tail - 1) / spec_.tail;
            drawn = least * std::pow(1 - random.uniform(), -1 / spec_.tail);
            break;
        }
        case DelayShape::quantiles:
            drawn = inverse(spec_.quantiles, random.uniform());
            break;
    }
    return Duration(std::llround(std::clamp(drawn, 0.0, nanoseconds(delay_max))));
}

}  // namespace faultline::link
