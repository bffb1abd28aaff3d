// SPDX-License-Identifier: Apache-2.0
#include "reports/wording.hpp"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/findings.hpp"
#include "reports/plain.hpp"
#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(PlainText, HasNoControlCharactersAndIsUtf8) {
    EXPECT_EQ(plain("a\x1b[31mb\nc\x7f"), "a [31mb c ");
    EXPECT_EQ(plain("\xC2\x85"), " ");                                 // C1
    EXPECT_EQ(plain("\xff\xC3"), "\xEF\xBF\xBD\xEF\xBF\xBD");          // not UTF-8
    EXPECT_EQ(plain("\xED\xA0\x80").find('\xA0'), std::string::npos);  // a surrogate
    EXPECT_EQ(plain("\xC0\x80").find('\xC0'), std::string::npos);      // overlong
    EXPECT_EQ(plain("\xEF\xBF\xBF"), "\xEF\xBF\xBD");                  // U+FFFF
    EXPECT_EQ(plain("\xC3\xA4 \xF0\x9F\x98\x80"), "\xC3\xA4 \xF0\x9F\x98\x80");
}

TEST(Intervals, SayWhichEndIsOpen) {
    EXPECT_EQ(say_span_interval({1.04e9, 1.06e9}), "[1.04 s, 1.06 s]");
    EXPECT_EQ(say_span_interval({1.06e9, infinity}), "[1.06 s, open)");
    EXPECT_EQ(say_span_interval({-infinity, 1.06e9}), "(open, 1.06 s]");
    EXPECT_EQ(say_span_interval({}), "(open)");
    EXPECT_EQ(say_share_interval({0.712, 1}), "[71.2 %, 100.0 %]");
}

TEST(Waits, AreSaidInTheUnitPeopleCountIn) {
    EXPECT_EQ(say_wait(102s), "1 min 42 s");
    EXPECT_EQ(say_wait(4s), "4.00 s");
    EXPECT_EQ(say_wait(2h + 5min), "2 h 5 min");
}

TEST(Expectations, AreSaidInTheUnitOfTheirMeasure) {
    EXPECT_EQ(say_value({"recovery_time.p95 <= 3s", Verdict::pass, 1.38e9}), "1.38 s");
    EXPECT_EQ(say_value({"success_rate.mean >= 90%", Verdict::pass, 0.721}), "72.1 %");
    EXPECT_EQ(say_value({"lost_writes.total == 0", Verdict::fail, 2.0}), "2");
    EXPECT_EQ(say_value({"recovered >= 95%", Verdict::inconclusive, {}}), "-");
    EXPECT_EQ(say_value({"recovery_time.p95 <= 3s", Verdict::fail, infinity}), "not reached");
}

TEST(Hits, AreSaidInShortWhenTheyAreMany) {
    EXPECT_EQ(say_hit({"kv[0]"}), "kv[0]");
    EXPECT_EQ(say_hit({"kv[0]", "kv[1]", "kv[2]"}), "kv[0], kv[1], kv[2]");
    EXPECT_EQ(say_hit({"kv[0]", "kv[1]", "kv[2]", "kv[3]"}), "4 instances: kv[0], ...");
    EXPECT_EQ(say_hit({"a[0]->b[0].p", "a[0]->b[1].p", "a[1]->b[0].p", "a[1]->b[1].p"}),
              "4 links: a[0]->b[0].p, ...");
    EXPECT_EQ(say_hit({}), "");
}

TEST(Commands, AreSaidAsAShellReadsThem) {
    EXPECT_EQ(say_command({"faultline", "run", "my file.json", "--set", "x=it's"}),
              "faultline run 'my file.json' --set 'x=it'\\''s'");
    EXPECT_EQ(say_command({""}), "''");
}

TEST(Trials, AreInvalidWhenTheyDoNotCount) {
    TrialRecord trial = sample_trial(1);
    EXPECT_FALSE(is_invalid(trial));
    trial.marks = {"fallback: SIGSTOP"};
    EXPECT_FALSE(is_invalid(trial));
    trial.marks = {"disturbed"};
    EXPECT_TRUE(is_invalid(trial));
    EXPECT_EQ(say_invalid(trial), "disturbed");
    trial.outcome = TrialOutcome::harness_error;
    trial.reason = "a leak\n";
    EXPECT_EQ(say_invalid(trial), "harness error, disturbed: a leak ");
}

TEST(MedianTrial, IsInTheMiddleOfThoseThatCountAndRecovered) {
    RunRecord run = sample_run();
    ASSERT_NE(median_trial(run), nullptr);
    EXPECT_EQ(median_trial(run)->trial, 10);
    for (TrialRecord& trial : run.trials)
        trial.outcome = TrialOutcome::unhealthy;
    EXPECT_EQ(median_trial(run), nullptr);
    EXPECT_EQ(median_trial({}), nullptr);
}

TEST(Evidence, CountsWhatWasConfirmed) {
    const auto evidence = evidence_of(sample_failed_run());
    ASSERT_EQ(evidence.size(), 1U);
    EXPECT_EQ(evidence[0].count, 19U);  // one trial got no injection
    EXPECT_EQ(evidence[0].confirmed, 18U);
    EXPECT_EQ(evidence[0].on, std::vector<std::string>{"redis[0]"});
    EXPECT_THAT(evidence[0].example, StartsWith("pid 4711"));
}

TEST(NextCommand, FitsTheOutcome) {
    RunRecord run = sample_failed_run();
    EXPECT_EQ(next_command(run, "results/x"), "faultline report results/x --format markdown");
    run.summary->outcome = RunOutcome::inconclusive;
    EXPECT_THAT(next_command(run, "results/x"), HasSubstr("--trials 299"));
    run.summary->outcome = RunOutcome::unhealthy;
    EXPECT_THAT(next_command(run, "results/x"),
                StartsWith("tail results/x/trials/0001/redis-0/stderr"));
    run.summary->outcome = RunOutcome::ineffective;
    EXPECT_THAT(next_command(run, "results/x"), StartsWith("faultline explain"));
    EXPECT_THAT(next_command(unfinished_run(), "results/x"), HasSubstr("--resume results/x"));
}

TEST(Renderers, AreSortedAndFound) {
    const auto& all = renderers();
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const Renderer& a, const Renderer& b) {
        return a.name < b.name;
    }));
    for (const char* name : {"html", "junit", "markdown", "openmetrics", "terminal"}) {
        ASSERT_NE(find_renderer(name), nullptr) << name;
        EXPECT_FALSE(find_renderer(name)->about.empty());
    }
    EXPECT_EQ(find_renderer("pdf"), nullptr);
    EXPECT_EQ(find_renderer("junit")->file, "junit.xml");
}

}  // namespace
}  // namespace faultline::reports
