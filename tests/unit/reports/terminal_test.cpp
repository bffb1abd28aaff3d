// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/table.hpp"
#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(TerminalReport, ShowsAPassedRun) {
    const std::string text = rendered("terminal", sample_run(), {.directory = "results/x"});
    EXPECT_EQ(text,
              R"(PASS  sentinel-primary-crash  20 trials + 2 control, 1 min 42 s

  detection time   p50 1.05 s [1.04 s, 1.05 s]    p95 1.06 s [1.06 s, open)   n 20
  recovery time    p50 1.38 s [1.38 s, 1.39 s]    p95 1.39 s [1.39 s, open)   n 20
  success rate     mean 72.1 % [71.2 %, 73.1 %]                               n 20
  lost writes      0 total, 31 unknown, n 20
  stages of trial 10, a typical one: process.crash on redis[0]
    effective              140 us   #
    first bad operation   2.00 ms   #
    detected               1.05 s   ##############################
    decided                1.20 s   ..............................#####
    serving                1.38 s   ...................................#####
  expectations
    pass   detection_time.p95 <= 1500ms   1.06 s
    pass   success_rate.mean >= 70%       72.1 % [71.2 %, open)
  faults           process.crash on redis[0]: 20 of 20 confirmed, e.g. "pid 4711 ended by signal 9
                   (KILL) 0.14 ms after the call"
  instrument       injection lateness p99 30.0 us, detection error p99 210 us, recovery error p99
                   1.10 ms (calibrated 2026-11-21)
  report           results/x/report.html
  next             faultline report results/x --format markdown
)");
}

TEST(TerminalReport, ShowsWhatWentWrong) {
    const std::string text = rendered("terminal", sample_failed_run(), {.directory = "results/x"});
    EXPECT_THAT(text, StartsWith("FAIL  sentinel-primary-crash"));
    EXPECT_THAT(text, HasSubstr("\n  1 of 3 expectations is broken\n"));
    EXPECT_THAT(text, HasSubstr("n 20, 1 censored"));
    EXPECT_THAT(text, HasSubstr("2 total, up to 2 in a trial, 31 unknown"));
    EXPECT_THAT(text, ContainsRegex("fail +lost_writes.total == 0 +2; 2 writes are lost"));
    EXPECT_THAT(text, ContainsRegex("inconclusive +recovery_time.p99 <= 3s @ 95%"));
    EXPECT_THAT(text, HasSubstr("18 of 19 confirmed"));
    EXPECT_THAT(text, HasSubstr("2 of 22: trial 3 unhealthy: redis[1] was not ready"));
    EXPECT_THAT(text, HasSubstr("trial 5 disturbed"));
    EXPECT_THAT(text, HasSubstr("key:17 (trial 8)"));
    EXPECT_THAT(text, ContainsRegex("stale reads +5 total, up to 5 in a trial, n 18"));
    EXPECT_THAT(text, ContainsRegex("stale keys +key:23 \\(trial 8\\)"));
}

TEST(TerminalReport, IsColouredOnlyWhenAsked) {
    const RunRecord run = sample_failed_run();  // one of its reasons holds escape sequences
    EXPECT_THAT(rendered("terminal", run), Not(HasSubstr("\x1b")));
    const std::string text = rendered("terminal", run, {.colour = true});
    EXPECT_THAT(text, StartsWith("\x1b[31mFAIL\x1b[0m"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b[31mCan't")));
}

TEST(TerminalReport, KeepsToItsWidth) {
    for (const int width : {80, 100, 140}) {
        std::istringstream lines(
            rendered("terminal", sample_failed_run(), {.width = width, .directory = "results/x"}));
        std::string line;
        std::getline(lines, line);  // the verdict stands as it is
        while (std::getline(lines, line)) {
            EXPECT_LE(text_width(line), static_cast<std::size_t>(width)) << line;
        }
    }
}

TEST(TerminalReport, SaysThatARunIsUnfinished) {
    const std::string text = rendered("terminal", unfinished_run(), {.directory = "results/x"});
    EXPECT_THAT(text, StartsWith("UNFINISHED  empty  0 trials\n"));
    EXPECT_THAT(text, HasSubstr("0 of 5 recorded"));
    EXPECT_THAT(text, HasSubstr("not calibrated on this machine: run `faultline calibrate`"));
    EXPECT_THAT(text, HasSubstr("--resume results/x"));
}

TEST(TerminalReport, ShowsAVerdictWithoutTrials) {
    EXPECT_THAT(
        rendered("terminal", run_without_trials()),
        AllOf(StartsWith("HARNESS ERROR  empty"), HasSubstr("the guardian could not be started")));
}

TEST(TerminalReport, NamesTheInjectionsWhenThereAreSeveral) {
    RunRecord run = sample_run();
    run.summary->injections.push_back(run.summary->injections[0]);
    run.summary->injections[1].id = "second";
    EXPECT_THAT(rendered("terminal", run),
                AllOf(HasSubstr("  fault-1:\n"), HasSubstr("  second:\n")));
}

}  // namespace
}  // namespace faultline::reports
