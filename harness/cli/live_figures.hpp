// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/result/record.hpp"
#include "harness/run/trial.hpp"

namespace faultline::cli {

/// Upper ends of the buckets of spans. Units: seconds, spelled as OpenMetrics wants them.
struct BucketEnd {
    double seconds;
    std::string_view text;
};
inline constexpr std::array span_buckets{
    BucketEnd{0.001, "0.001"},
    BucketEnd{0.002, "0.002"},
    BucketEnd{0.005, "0.005"},
    BucketEnd{0.01, "0.01"},
    BucketEnd{0.02, "0.02"},
    BucketEnd{0.05, "0.05"},
    BucketEnd{0.1, "0.1"},
    BucketEnd{0.2, "0.2"},
    BucketEnd{0.5, "0.5"},
    BucketEnd{1, "1.0"},
    BucketEnd{2, "2.0"},
    BucketEnd{5, "5.0"},
    BucketEnd{10, "10.0"},
    BucketEnd{20, "20.0"},
    BucketEnd{60, "60.0"},
};

/// How many spans were at most as long as each end.
struct SpanHistogram {
    std::array<std::uint64_t, span_buckets.size()> at_most{};
    std::uint64_t count = 0;
    double sum_seconds = 0;
    void take(Duration span);
};

/// The figures of one run under way, as far as it has come.
/// Thread: one at a time.
class LiveFigures {
  public:
    LiveFigures() = default;
    LiveFigures(std::string scenario,
                std::map<std::string, std::string> parameters,
                std::string run)
        : scenario_(std::move(scenario)),
          parameters_(std::move(parameters)),
          run_(std::move(run)) {}

    void progress(const TrialProgress& progress);
    void trial_done(const TrialRecord& trial, int done, int asked);

    /// OpenMetrics text, with the names that the report's metrics.prom has for the same.
    [[nodiscard]] std::string text() const;

  private:
    struct OfInjection {
        SpanHistogram detection{}, recovery{};
        std::uint64_t not_recovered = 0;
        std::optional<Duration> last_detection{}, last_recovery{};
        std::optional<double> last_success{};
    };
    std::string scenario_{};
    std::map<std::string, std::string> parameters_{};
    std::string run_{};
    int done_ = 0, asked_ = 0;
    std::map<std::string, std::uint64_t> outcomes_{};
    std::map<int, TrialProgress> running_{};  // by trial
    std::map<std::string, OfInjection> injections_{};
    std::optional<int> last_trial_{};
};

}  // namespace faultline::cli
