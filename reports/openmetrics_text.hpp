// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace faultline::reports {

inline constexpr const char* openmetrics_content_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

using OpenMetricsLabels = std::vector<std::pair<std::string, std::string>>;

struct OpenMetricsFamily {
    const char* name;
    const char* type;
    const char* unit;  // empty: none
    const char* help;
};

/// The labels that every sample of a run carries.
[[nodiscard]] OpenMetricsLabels openmetrics_labels(
    const std::string& scenario, const std::map<std::string, std::string>& parameters);

/// Writes the text format, family after family.
/// Source: OpenMetrics 1.0, https://prometheus.io/docs/specs/om/open_metrics_spec/ - metric
/// families do not interleave, units are base units and end the name, the last line is "# EOF".
class OpenMetricsText {
  public:
    explicit OpenMetricsText(OpenMetricsLabels common) : common_(std::move(common)) {}
    /// Samples follow until the next family; one without samples is left out.
    void family(const OpenMetricsFamily& family);
    void sample(const char* suffix, const OpenMetricsLabels& labels, double value);
    [[nodiscard]] std::string finish() const { return text_ + "# EOF\n"; }

  private:
    OpenMetricsLabels common_;
    std::string name_{}, head_{}, text_{};
};

}  // namespace faultline::reports
