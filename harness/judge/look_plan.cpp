// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/look_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr std::size_t first_look = 8;  // below, no rank test of two samples can be sure of anything
constexpr double growth = 1.25;
// A look that adds less of all information than this is not worth its error; a base of few trials
// soon makes every look one of these.
constexpr double step_least = 0.015;

double information(std::size_t head, std::optional<std::size_t> base_fixed) {
    const auto trials = static_cast<double>(head);
    const double base = base_fixed ? static_cast<double>(*base_fixed) : trials;
    return 1 / (1 / base + 1 / trials);
}

double spent(double level, double fraction) {
    return level * std::log1p((std::numbers::e - 1) * fraction);
}

/// A Brownian motion among those paths that no look has stopped yet: the density of where it is,
/// at evenly spaced points below the last boundary.
class PathsGoingOn {
  public:
    /// The boundary at `time` above which `share` of all paths lie for the first time; those end.
    double stop(double time, double share) {
        const double step = time - time_;
        double low = -reach * std::sqrt(time), high = reach * std::sqrt(time);
        for (int i = 0; i < bisections; ++i) {
            const double middle = (low + high) / 2;
            (beyond(middle, step) > share ? low : high) = middle;
        }
        advance(high, time, step);
        return high;
    }

  private:
    static constexpr double reach = 8;  // standard deviations: beyond lies less than 1e-15
    static constexpr int bisections = 50;
    static constexpr std::size_t points = 301;  // odd, for Simpson's rule

    static double simpson_weight(std::size_t i) {
        if (i == 0 || i == points - 1) return 1.0 / 3;
        return i % 2 == 1 ? 4.0 / 3 : 2.0 / 3;
    }

    [[nodiscard]] double beyond(double boundary, double step) const {
        if (density_.empty()) return normal_tail(boundary / std::sqrt(step));
        double sum = 0;
        for (std::size_t i = 0; i < points; ++i) {
            sum +=
                simpson_weight(i) * density_[i] * normal_tail((boundary - at(i)) / std::sqrt(step));
        }
        return sum * spacing_;
    }

    [[nodiscard]] double density_at(double x, double step) const {
        const double scale = 1 / std::sqrt(2 * std::numbers::pi * step);
        if (density_.empty()) return scale * std::exp(-x * x / (2 * step));
        double sum = 0;
        for (std::size_t i = 0; i < points; ++i) {
            const double moved = x - at(i);
            sum += simpson_weight(i) * density_[i] * std::exp(-moved * moved / (2 * step));
        }
        return sum * spacing_ * scale;
    }

    void advance(double boundary, double time, double step) {
        const double start = -reach * std::sqrt(time);
        const double spacing = (boundary - start) / (points - 1);
        std::vector<double> density(points);
        for (std::size_t i = 0; i < points; ++i)
            density[i] = density_at(start + static_cast<double>(i) * spacing, step);
        density_ = std::move(density);
        start_ = start;
        spacing_ = spacing;
        time_ = time;
    }

    [[nodiscard]] double at(std::size_t i) const {
        return start_ + static_cast<double>(i) * spacing_;
    }

    double time_ = 0;
    double start_ = 0;
    double spacing_ = 0;
    std::vector<double> density_{};  // empty: all at 0
};

}  // namespace

double normal_tail(double z) {
    return std::erfc(z / std::numbers::sqrt2) / 2;
}

double normal_point(double p) {
    constexpr double reach = 38;  // where the tail underflows
    double low = -reach, high = reach;
    for (int i = 0; i < 80; ++i) {
        const double middle = (low + high) / 2;
        (normal_tail(middle) > p ? low : high) = middle;
    }
    return high;
}

LookPlan plan_looks(std::size_t trials_max, std::optional<std::size_t> base_fixed) {
    FL_CHECK_OP(>, trials_max, std::size_t{0});
    const double all = information(trials_max, base_fixed);
    LookPlan plan;
    double before = 0;
    for (double planned = first_look; planned < static_cast<double>(trials_max);
         planned *= growth) {
        const auto trials = static_cast<std::size_t>(planned);
        const double fraction = information(trials, base_fixed) / all;
        if (fraction < before + step_least || fraction > 1 - step_least) continue;
        plan.trials.push_back(trials);
        plan.fraction.push_back(fraction);
        before = fraction;
    }
    plan.trials.push_back(trials_max);
    plan.fraction.push_back(1);
    return plan;
}

std::vector<double> nominal_levels(double level, std::span<const double> fractions) {
    FL_CHECK_OP(>, level, 0.0);
    FL_CHECK_OP(<, level, 1.0);
    PathsGoingOn paths;
    std::vector<double> levels;
    double spent_before = 0;
    for (const double fraction : fractions) {
        const double share = spent(level, fraction);
        const double boundary = paths.stop(fraction, share - spent_before);
        levels.push_back(normal_tail(boundary / std::sqrt(fraction)));
        spent_before = share;
    }
    return levels;
}

}  // namespace faultline
