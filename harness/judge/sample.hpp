// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/measure/statistics.hpp"

namespace faultline {

/// One measure across trials: values that were measured and times known only to be longer.
class Sample {
  public:
    explicit Sample(const std::vector<Survival>& values = {});

    [[nodiscard]] std::size_t size() const { return earliest_.size(); }
    [[nodiscard]] bool empty() const { return earliest_.empty(); }
    [[nodiscard]] std::size_t censored() const { return censored_; }
    /// Sorted, with censored times as early, or as late (infinity), as they can be.
    [[nodiscard]] const std::vector<double>& earliest() const { return earliest_; }
    [[nodiscard]] const std::vector<double>& latest() const { return latest_; }

    // Requires: not empty. Absent: it lies among the censored.
    [[nodiscard]] std::optional<double> quantile(double q) const;
    [[nodiscard]] std::optional<double> min() const;
    [[nodiscard]] std::optional<double> max() const;
    [[nodiscard]] std::optional<double> mean() const;

    /// The interval for reports; through Kaplan–Meier when a trial was censored early.
    [[nodiscard]] Interval quantile_interval(double q, double confidence) const;

  private:
    std::vector<double> earliest_;
    std::vector<double> latest_;
    std::size_t censored_ = 0;
    /// Present when some trial was given up before the longest measured time: its rank is unknown.
    std::optional<SurvivalCurve> curve_{};
};

}  // namespace faultline
