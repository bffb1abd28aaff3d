// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "reports/comparison_renderer.hpp"

namespace faultline::reports {

// How comparisons say things: the same in each format. Texts are plain; markup escapes them.

/// "recovery time"; of a further injection "second: recovery time".
[[nodiscard]] std::string comparison_title(const MeasureComparison& measure);
/// "1.05 s", "93.4 %", "not reached"; of counts how many there were in all.
[[nodiscard]] std::string say_base_value(const MeasureComparison& measure);
[[nodiscard]] std::string say_head_value(const MeasureComparison& measure);
/// "+20.1 %" for spans, where there is a ratio, "-3.1 pp" for shares; of counts that of the means.
[[nodiscard]] std::string say_shift(const MeasureComparison& measure);
/// "[+15.0, +26.1]", in the unit of the shift.
[[nodiscard]] std::string say_shift_interval(const MeasureComparison& measure);
/// "20 / 20", with those that were censored: "20 / 20 (3 censored)".
[[nodiscard]] std::string say_sizes(const MeasureComparison& measure);
/// "WORSE", "same", "inconclusive".
[[nodiscard]] std::string say_change(const MeasureComparison& measure);
/// "~45 a side would tell", "mean -4.7 pp"; mostly empty.
[[nodiscard]] std::string say_note(const MeasureComparison& measure);
/// "results/a: 20 trials (2 more left out), when, by which version".
[[nodiscard]] std::string say_run(const ComparedRun& run);
/// "a change of 10 % counts, ...; intervals at 95 %, ...".
[[nodiscard]] std::string say_rules(const RunComparison& comparison);
/// "cpu: Xeon, now Epyc".
[[nodiscard]] std::string say_mismatch(const Mismatch& mismatch);
/// What to say of mismatches as a whole; empty without a serious one.
[[nodiscard]] std::string say_warning(const ComparisonReport& report);
/// The next command worth typing.
[[nodiscard]] std::string next_comparison_command(const ComparisonReport& report);
/// "WORSE"
[[nodiscard]] std::string say_loud(Change change);

}  // namespace faultline::reports
