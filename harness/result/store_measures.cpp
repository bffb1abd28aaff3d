// SPDX-License-Identifier: Apache-2.0
// A summary as rows of measures.
#include <utility>

#include "harness/result/store_rows.hpp"

namespace faultline {
namespace {

/// Rows of one injection, or of the whole trial.
class MeasureRows {
  public:
    explicit MeasureRows(std::vector<MeasureRow>& rows, std::string prefix = "")
        : rows_(rows), prefix_(std::move(prefix)) {}

    void span(const std::string& name, const SpanSummary& span) {
        add(name + ".min", span.n, span.min);
        add(name + ".p50", span.n, span.p50, span.p50_interval);
        add(name + ".p90", span.n, span.p90, span.p90_interval);
        add(name + ".p95", span.n, span.p95, span.p95_interval);
        add(name + ".p99", span.n, span.p99, span.p99_interval);
        add(name + ".max", span.n, span.max);
        add(name + ".mean", span.n, span.mean);
    }

    void share(const std::string& name, const ShareSummary& share) {
        add(name + ".mean", share.n, share.mean, share.mean_interval);
        add(name + ".min", share.n, share.min);
        add(name + ".p50", share.n, share.p50);
        add(name + ".max", share.n, share.max);
    }

    void proportion(const std::string& name, const ProportionSummary& proportion) {
        if (proportion.n == 0) return;
        add(name,
            proportion.n,
            static_cast<double>(proportion.k) / static_cast<double>(proportion.n),
            proportion.interval);
    }

    void count(const std::string& name, const CountSummary& count) {
        if (count.n == 0) return;  // not checked
        add(name + ".total", count.n, static_cast<double>(count.total));
        add(name + ".max", count.n, static_cast<double>(count.max));
        add(name + ".mean", count.n, count.mean);
    }

  private:
    void add(const std::string& name,
             std::size_t n,
             std::optional<double> value,
             Interval interval = {}) {
        if (n > 0) rows_.push_back({prefix_ + name, n, value, interval});
    }

    std::vector<MeasureRow>& rows_;
    std::string prefix_;
};

}  // namespace

std::vector<MeasureRow> measure_rows(const Summary& summary) {
    std::vector<MeasureRow> rows;
    for (std::size_t index = 0; index < summary.injections.size(); ++index) {
        const InjectionSummary& injection = summary.injections[index];
        // As in expectations, what is said without an id is said of the first.
        MeasureRows measures(rows, index == 0 ? "" : injection.id + ".");
        for (const auto& [name, span] : injection.spans)
            measures.span(name, span);
        measures.share("success_rate", injection.success_rate);
        for (const auto& [name, proportion] : injection.proportions)
            measures.proportion(name, proportion);
    }
    MeasureRows measures(rows);
    for (const auto& [name, count] : summary.counts)
        measures.count(name, count);
    return rows;
}

}  // namespace faultline
