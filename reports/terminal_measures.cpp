// SPDX-License-Identifier: Apache-2.0
#include "reports/terminal_measures.hpp"

#include <sstream>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/plain.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

/// Rows of "label  value  value  size"; where that is too wide the second value goes below the
/// first.
class MeasureTable {
  public:
    void add(const std::string& label,
             const std::string& first,
             const std::string& second,
             const std::string& size) {
        side_by_side_.add({{label}, {first}, {second}, {size}});
        stacked_.add({{label}, {first}, {size}});
        if (!second.empty()) stacked_.add({{}, {second}});
    }
    /// A row that is one text after its label.
    void add(const std::string& label, const std::string& said, Colour colour = Colour::none) {
        side_by_side_.add({{label}, {said, colour}});
        stacked_.add({{label}, {said, colour}});
    }
    [[nodiscard]] std::string text(const TableLook& look) const {
        TableLook bare = look;
        bare.colour = false;
        std::istringstream lines(side_by_side_.text(bare));
        std::string line;
        while (std::getline(lines, line)) {
            if (text_width(line) > look.width) return stacked_.text(look);
        }
        return side_by_side_.text(look);
    }

  private:
    Table side_by_side_{{Align::left, Align::left, Align::left, Align::left}};
    Table stacked_{{Align::left, Align::left, Align::left}};
};

/// "p50 1.05 s [1.04 s, 1.06 s]".
std::string say_quantile(std::string_view name,
                         const std::optional<double>& value,
                         const Interval& interval) {
    return fmt::format("{} {} {}", name, say_span(value), say_span_interval(interval));
}

void add_span(MeasureTable& table,
              const std::string& label,
              const InjectionSummary& injection,
              const std::string& measure) {
    const auto found = injection.spans.find(measure);
    if (found == injection.spans.end() || found->second.n == 0) return;
    const SpanSummary& span = found->second;
    std::string size = fmt::format("n {}", span.n);
    if (span.censored > 0) size += fmt::format(", {} censored", span.censored);
    const auto masked = injection.proportions.find("masked");
    if (measure == "recovery_time" && masked != injection.proportions.end() &&
        masked->second.k > 0) {
        size += fmt::format(", {} masked", masked->second.k);
    }
    table.add(label,
              say_quantile("p50", span.p50, span.p50_interval),
              say_quantile("p95", span.p95, span.p95_interval),
              size);
}

/// Worth a line only when it is not what all hope for.
void add_shortfall(MeasureTable& table,
                   const InjectionSummary& injection,
                   const std::string& measure) {
    const auto found = injection.proportions.find(measure);
    if (found == injection.proportions.end() || found->second.k == found->second.n) return;
    const ProportionSummary& proportion = found->second;
    const std::string interval = say_share_interval(proportion.interval);
    table.add(
        measure, fmt::format("{} of {} {}", proportion.k, proportion.n, interval), Colour::yellow);
}

void add_injection(MeasureTable& table, const InjectionSummary& injection) {
    add_span(table, "detection time", injection, "detection_time");
    add_shortfall(table, injection, "detected");
    add_span(table, "recovery time", injection, "recovery_time");
    add_shortfall(table, injection, "recovered");
    const ShareSummary& success = injection.success_rate;
    if (success.n > 0) {
        const std::string interval = say_share_interval(success.mean_interval);
        table.add("success rate",
                  fmt::format("mean {} {}", say_share(success.mean), interval),
                  "",
                  fmt::format("n {}", success.n));
    }
    add_span(table, "redundancy time", injection, "redundancy_time");
}

void add_lost_writes(MeasureTable& table, const Summary& summary) {
    const auto lost = summary.counts.find("lost_writes");
    if (lost == summary.counts.end() || lost->second.n == 0) return;
    std::string said = fmt::format("{} total", format_count(lost->second.total));
    if (lost->second.max > 0) {
        said += fmt::format(", up to {} in a trial", format_count(lost->second.max));
    }
    const auto unknown = summary.counts.find("unknown_writes");
    if (unknown != summary.counts.end()) {
        said += fmt::format(", {} unknown", format_count(unknown->second.total));
    }
    said += fmt::format(", n {}", lost->second.n);
    table.add("lost writes", said, lost->second.total > 0 ? Colour::red : Colour::none);
}

void add_stale_reads(MeasureTable& table, const Summary& summary) {
    const auto stale = summary.counts.find("stale_reads");
    if (stale == summary.counts.end() || stale->second.n == 0) return;
    std::string said = fmt::format("{} total", format_count(stale->second.total));
    if (stale->second.max > 0)
        said += fmt::format(", up to {} in a trial", format_count(stale->second.max));
    said += fmt::format(", n {}", stale->second.n);
    table.add("stale reads", said, stale->second.total > 0 ? Colour::red : Colour::none);
}

void add_false_detections(MeasureTable& table, const Summary& summary) {
    const auto mistakes = summary.counts.find("false_detections");
    if (mistakes == summary.counts.end() || mistakes->second.total == 0) return;
    table.add("false detections",
              fmt::format("{} total, {:.3g} an hour, n {}",
                          format_count(mistakes->second.total),
                          summary.false_detections_per_hour,
                          mistakes->second.n),
              Colour::yellow);
}

}  // namespace

std::string terminal_measures(const Summary& summary, const TableLook& look) {
    MeasureTable table;  // one for all, so that the columns of several injections are aligned
    for (const InjectionSummary& injection : summary.injections) {
        if (summary.injections.size() > 1) table.add(plain(injection.id) + ":", "");
        add_injection(table, injection);
    }
    add_lost_writes(table, summary);
    add_stale_reads(table, summary);
    add_false_detections(table, summary);
    return table.text(look);
}

}  // namespace faultline::reports
