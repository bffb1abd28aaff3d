// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/columns.hpp"

namespace faultline {
namespace {

SpanSummary summarise_span(const Sample& sample) {
    SpanSummary summary;
    summary.n = sample.size();
    summary.censored = sample.censored();
    if (sample.empty()) return summary;
    summary.min = sample.min();
    summary.p50 = sample.quantile(0.50);
    summary.p90 = sample.quantile(0.90);
    summary.p95 = sample.quantile(0.95);
    summary.p99 = sample.quantile(0.99);
    summary.max = sample.max();
    summary.mean = sample.mean();
    summary.p50_interval = sample.quantile_interval(0.50, report_confidence);
    summary.p90_interval = sample.quantile_interval(0.90, report_confidence);
    summary.p95_interval = sample.quantile_interval(0.95, report_confidence);
    summary.p99_interval = sample.quantile_interval(0.99, report_confidence);
    return summary;
}

ShareSummary summarise_share(const Sample& sample) {
    ShareSummary summary;
    summary.n = sample.size();
    summary.mean_interval = mean_interval(sample.latest(), report_confidence, true);
    if (sample.empty()) return summary;
    summary.mean = sample.mean();
    summary.min = sample.min();
    summary.p50 = sample.quantile(0.50);
    summary.max = sample.max();
    return summary;
}

}  // namespace

InjectionSummary summarise(const InjectionColumns& columns) {
    InjectionSummary summary;
    summary.id = columns.id;
    for (const auto& [name, sample] : columns.spans)
        summary.spans[name] = summarise_span(sample);
    summary.success_rate = summarise_share(columns.success_rate);
    for (const auto& [name, tally] : columns.proportions) {
        // Nobody expects a diagnosis of a target that never names a cause.
        if (name == "diagnosed" && columns.diagnoses.empty()) continue;
        const Interval interval = proportion_interval(tally.k, tally.n, report_confidence);
        summary.proportions[name] = {tally.k, tally.n, interval};
    }
    summary.diagnoses = columns.diagnoses;
    return summary;
}

CountSummary summarise_count(const Sample& sample) {
    CountSummary summary;
    summary.n = sample.size();
    if (sample.empty()) return summary;
    for (const double value : sample.latest())
        summary.total += static_cast<std::uint64_t>(value);
    summary.max = static_cast<std::uint64_t>(sample.latest().back());
    summary.mean = static_cast<double>(summary.total) / static_cast<double>(summary.n);
    return summary;
}

}  // namespace faultline
