// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/live_line.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/wording.hpp"

namespace faultline::cli {
namespace {

constexpr Duration redraw_period = std::chrono::milliseconds(100);

std::string one_line(const TrialRecord& trial) {
    std::string text = fmt::format("trial {:>3}  ", trial.trial);
    if (trial.outcome != TrialOutcome::pass) {
        return text + fmt::format("{}: {}",
                                  name_of(trial.outcome),
                                  trial.reason.substr(0, trial.reason.find('\n')));
    }
    if (trial.control) {
        return text + fmt::format("control, {} false detection{}",
                                  trial.false_detections,
                                  trial.false_detections == 1 ? "" : "s");
    }
    for (const InjectionRecord& injection : trial.injections) {
        const InjectionMeasures& measures = injection.measures;
        text += fmt::format(
            "{}{}",
            injection.injection.fault,
            injection.injection.on.empty() ? "" : " " + reports::say_hit(injection.injection.on));
        if (measures.detection_time)
            text += "  detected " + format_duration(*measures.detection_time);
        if (measures.masked) {
            text += "  masked";
        } else if (measures.recovery_time) {
            text += "  recovered " + format_duration(*measures.recovery_time);
        } else if (measures.censored) {
            text += "  not recovered in " + format_duration(measures.observed_for);
        }
        if (measures.success_rate) text += "  success " + format_share(*measures.success_rate);
        text += "   ";
    }
    if (trial.lost_writes.value_or(0) > 0)
        text += fmt::format("  lost writes {}", format_count(*trial.lost_writes));
    if (trial.stale_reads.value_or(0) > 0)
        text += fmt::format("  stale reads {}", format_count(*trial.stale_reads));
    for (const std::string& mark : trial.marks)
        text += fmt::format("  [{}]", mark);
    return text;
}

}  // namespace

void LiveLine::erase() {
    if (!drawn_) return;
    fmt::print("\r\033[K");
    std::fflush(stdout);
    drawn_ = false;
}

void LiveLine::show(const TrialProgress& progress) {
    if (!console_.terminal || now() < last_drawn_ + redraw_period) return;
    last_drawn_ = now();
    std::string text = fmt::format("trial {}", progress.trial);
    if (asked_ > 0) text += fmt::format(" of {}", asked_);
    text += fmt::format("  {}  errors now {}",
                        name_of(progress.phase),
                        format_share(1.0 - progress.recent_success));
    if (done_ > done_before_ && done_before_ >= 0) {
        const Duration each = (now() - begin_) / (done_ - done_before_);
        text += fmt::format("  {} left", format_duration(each * (asked_ - done_)));
    }
    fmt::print("\r\033[K{}", text.substr(0, static_cast<std::size_t>(console_.width - 1)));
    std::fflush(stdout);
    drawn_ = true;
}

void LiveLine::trial_done(const TrialRecord& trial, int done, int asked) {
    if (done_before_ < 0) done_before_ = done - 1;
    done_ = done;
    asked_ = asked;
    erase();
    fmt::print("{}\n", one_line(trial));
    std::fflush(stdout);
}

}  // namespace faultline::cli
