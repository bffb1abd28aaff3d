// SPDX-License-Identifier: Apache-2.0
#include "reports/terminal_waterfall.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/plain.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t bar_width_max = 40;

/// Columns up to `at` when `end` takes `width`.
std::size_t column_of(Duration at, Duration end, std::size_t width) {
    if (at >= end) return width;
    const double share = seconds_of(at) / seconds_of(end);
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(width)));
}

/// What the picture spans: up to serving, since redundancy may take a thousand times as long.
Duration end_of(const std::vector<NamedStage>& stages) {
    for (const NamedStage& stage : stages) {
        if (stage.name == "serving") return stage.at;
    }
    return stages.back().at;
}

/// Without words from the targets the three numbers say it all.
bool worth_showing(const Stages& stages) {
    return stages.located || stages.decided || stages.repaired || stages.verified;
}

}  // namespace

std::string terminal_waterfall(const RunRecord& run, const TableLook& look) {
    const TrialRecord* const trial = median_trial(run);
    if (trial == nullptr) return "";
    const InjectionRecord& record = trial->injections.front();
    if (!worth_showing(record.measures.stages)) return "";
    const std::vector<NamedStage> stages = told_stages(record.measures.stages);
    const Duration end = end_of(stages);
    if (end <= Duration::zero()) return "";
    const std::size_t width = std::clamp<std::size_t>(look.width / 2, 10, bar_width_max);
    Table table({Align::left, Align::right, Align::left});
    std::size_t begin = 0;
    for (const NamedStage& stage : stages) {
        const std::size_t stop = column_of(stage.at, end, width);
        std::string bar(begin, '.');
        bar += std::string(std::max<std::size_t>(stop - begin, 1), '#');
        if (stage.at > end) bar = std::string(width, '.') + ">";
        table.add({{std::string(stage.name), Colour::none},
                   {format_duration(stage.at), Colour::none},
                   {bar, Colour::none}});
        begin = std::max(begin, stop);
    }
    TableLook indented = look;
    indented.indent = 4;
    return fmt::format("  stages of trial {}, a typical one: {}\n",
                       trial->trial,
                       plain(describe(record.injection))) +
           table.text(indented);
}

}  // namespace faultline::reports
