// SPDX-License-Identifier: Apache-2.0
#include "harness/result/run_mismatch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/result/sample_run.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

RunRecord run_of(const std::string& scenario_json) {
    RunRecord run = sample_run();
    run.scenario_json = scenario_json;
    return run;
}

TEST(RunMismatch, FindsNoneBetweenRunsOfOneScenario) {
    RunRecord other = sample_run();
    other.seed = 99;
    other.run = "another";
    other.trials.clear();
    EXPECT_THAT(mismatches_between(sample_run(), other), IsEmpty());
    // Expectations, trials and words change no figure.
    EXPECT_THAT(
        mismatches_between(run_of(R"({"name": "x", "expect": ["a"], "trials": {"count": 3}})"),
                           run_of(R"({"name": "x", "about": "b", "expect": []})")),
        IsEmpty());
}

TEST(RunMismatch, IsSeriousForAnotherScenario) {
    RunRecord other = sample_run();
    other.scenario_name = "another";
    const auto found = mismatches_between(sample_run(), other);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].what, "scenario");
    EXPECT_EQ(found[0].head, "another");
    EXPECT_TRUE(any_serious(found));
}

TEST(RunMismatch, PointsAtWhatDiffersInTheScenario) {
    const auto found = mismatches_between(
        run_of(R"({"load": {"rate": "500/s", "driver": "redis"}, "faults": [{"at": "1s"}]})"),
        run_of(R"({"load": {"rate": "900/s", "driver": "redis"}, "faults": [{"at": "2s"}]})"));
    EXPECT_THAT(
        found,
        ElementsAre(Field(&Mismatch::what, "/faults/0/at"), Field(&Mismatch::what, "/load/rate")));
    EXPECT_EQ(found[1].base, "500/s");
    EXPECT_EQ(found[1].head, "900/s");
    EXPECT_TRUE(found[0].serious && found[1].serious);
}

TEST(RunMismatch, OnlyTellsOfOtherTargets) {
    const auto found =
        mismatches_between(run_of(R"({"targets": {"kv": {"command": ["kv", "--fast"]}}})"),
                           run_of(R"({"targets": {"kv": {"command": ["kv", "--safe"]}}})"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].what, "/targets/kv/command/1");
    EXPECT_FALSE(any_serious(found)) << "it may be the very thing that is compared";
}

TEST(RunMismatch, ShortensWhatIsLong) {
    std::string base = R"({"faults": {)", head = base;
    for (int i = 0; i < 20; ++i) {
        base += "\"" + std::to_string(i) + "\": \"a\",";
        head += "\"" + std::to_string(i) + "\": \"" + std::string(100, 'b') + "\",";
    }
    const auto found =
        mismatches_between(run_of(base + R"("z": 1}})"), run_of(head + R"("z": 1}})"));
    ASSERT_EQ(found.size(), 6U);
    EXPECT_EQ(found[0].head, std::string(60, 'b') + "...");
    EXPECT_EQ(found[5].what, "15 more of the scenario");
    EXPECT_TRUE(found[5].serious);
}

TEST(RunMismatch, KnowsWhichFactsOfAMachineMatter) {
    RunRecord base = sample_run(), head = sample_run();
    base.machine = {
        {"cpu", "Xeon"}, {"kernel", "6.1.0"}, {"cores", "2"}, {"load_average", "0.1 0 0"}};
    head.machine = {
        {"cpu", "Epyc"}, {"kernel", "6.5.0"}, {"host", "h"}, {"load_average", "9.1 0 0"}};
    const auto found = mismatches_between(base, head);
    EXPECT_THAT(found,
                ElementsAre(Field(&Mismatch::what, "cpu"),
                            Field(&Mismatch::what, "kernel"),
                            Field(&Mismatch::what, "load average at the start")));
    EXPECT_TRUE(found[0].serious);
    EXPECT_FALSE(found[1].serious);
}

TEST(RunMismatch, MindsTheNetworkWhereTheScenarioTakesWhatThereIs) {
    RunRecord base = sample_run(), head = sample_run();
    base.machine["network"] = "a namespace per instance";
    head.machine["network"] = "the machine's: no permission";
    EXPECT_FALSE(any_serious(mismatches_between(base, head)));
    base.scenario_json = head.scenario_json = R"({"isolation": "auto"})";
    EXPECT_TRUE(any_serious(mismatches_between(base, head)));
    base.machine["network"] = "the machine's: another reason";
    EXPECT_THAT(mismatches_between(base, head), IsEmpty());
}

TEST(RunMismatch, IsSeriousForOtherParameters) {
    RunRecord base = sample_run(), head = sample_run();
    base.parameters = {{"rate", "500"}};
    head.parameters = {{"rate", "900"}, {"nodes", "3"}};
    const auto found = mismatches_between(base, head);
    EXPECT_THAT(found,
                ElementsAre(Field(&Mismatch::what, "parameter nodes"),
                            Field(&Mismatch::what, "parameter rate")));
    EXPECT_TRUE(any_serious(found));
}

}  // namespace
}  // namespace faultline
