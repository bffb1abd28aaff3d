// SPDX-License-Identifier: Apache-2.0
// `faultline compare` as its user meets it, with result directories made up quickly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/check.hpp"
#include "tests/bench/synthetic_run.hpp"
#include "tests/e2e/faultline_program.hpp"

namespace faultline::e2e {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;

class Compare : public testing::Test {
  protected:
    void make(const std::string& name, const SyntheticOptions& options) const {
        FL_CHECK(write_synthetic_run(options, place_.folder() / name).has_value());
    }
    [[nodiscard]] CommandResult compare(std::vector<std::string> words) const {
        words.insert(words.begin(), "compare");
        return place_.faultline(words, {{"FAULTLINE_STORE", "none"}});
    }

    Workplace place_{};
};

TEST_F(Compare, CallsASlowerRunWorse) {
    make("base", {.seed = 1});
    make("head", {.seed = 2, .recovery_ms = 180});
    const CommandResult result = compare({"base", "head"});
    EXPECT_EQ(result.exit_code, 1) << result.output;
    EXPECT_THAT(result.output, StartsWith("WORSE  synthetic-pair-crash\n"));
    EXPECT_THAT(result.output, ContainsRegex("recovery time +1[0-9]+ ms +1[0-9]+ ms .*WORSE"));
    EXPECT_THAT(result.output, HasSubstr("next    faultline report head"));
    EXPECT_EQ(compare({"head", "base"}).exit_code, 0) << "better";
}

TEST_F(Compare, CallsEqualRunsTheSameAndFewTrialsInconclusive) {
    make("base", {.trials = 60, .seed = 1});
    make("head", {.trials = 60, .seed = 2});
    make("few", {.trials = 5, .seed = 3});
    EXPECT_EQ(compare({"base", "head"}).exit_code, 0);
    const CommandResult few = compare({"base", "few"});
    EXPECT_EQ(few.exit_code, 3);
    EXPECT_THAT(
        few.output,
        AllOf(StartsWith("INCONCLUSIVE"), ContainsRegex("faultline run .* --trials [0-9]+")));
}

TEST_F(Compare, PrintsEveryFormat) {
    make("base", {.seed = 1});
    make("head", {.seed = 2, .losing = 0.3});
    const auto json = nlohmann::json::parse(compare({"base", "head", "--format", "json"}).output);
    EXPECT_EQ(json["change"], "worse");
    EXPECT_THAT(json["reason"].get<std::string>(), HasSubstr("writes were lost: "));
    EXPECT_THAT(compare({"base", "head", "--format", "markdown"}).output, StartsWith("## WORSE: "));
    EXPECT_THAT(compare({"base", "head", "--format", "html"}).output,
                StartsWith("<!doctype html>"));
}

TEST_F(Compare, TakesEffectConfidenceAndMeasures) {
    make("base", {.seed = 1});
    make("head", {.seed = 2, .recovery_ms = 180});
    EXPECT_EQ(compare({"base", "head", "--measure", "detection_time", "--effect", "20%"}).exit_code,
              0);
    EXPECT_EQ(compare({"base", "head", "--measure", "recovery_time", "--effect", "80%"}).exit_code,
              0);
    const CommandResult typo = compare({"base", "head", "--measure", "recovery_tine"});
    EXPECT_EQ(typo.exit_code, 2);
    EXPECT_THAT(typo.error_output, HasSubstr("did you mean \"recovery_time\"?"));
    for (const char* effect : {"0%", "100%", "much"}) {
        const CommandResult result = compare({"base", "head", "--effect", effect});
        EXPECT_EQ(result.exit_code, 2) << effect;
        EXPECT_THAT(result.error_output, HasSubstr("--effect"));
    }
    EXPECT_EQ(compare({"base", "head", "--confidence", "1"}).exit_code, 2);
}

TEST_F(Compare, RefusesRunsThatAreNotAlike) {
    make("base", {.seed = 1});
    make("other", {.seed = 2, .name = "synthetic-other"});
    make("elsewhere", {.seed = 3, .cpu = "Another CPU"});
    const CommandResult refused = compare({"base", "other"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_EQ(refused.output, "");
    EXPECT_THAT(
        refused.error_output,
        AllOf(HasSubstr("scenario: synthetic-pair-crash in the base, synthetic-other in the head"),
              HasSubstr("--anyway")));
    EXPECT_THAT(compare({"base", "elsewhere"}).error_output, HasSubstr("Another CPU"));
    const CommandResult anyway = compare({"base", "elsewhere", "--anyway"});
    EXPECT_NE(anyway.exit_code, 2);
    EXPECT_THAT(anyway.output, AllOf(HasSubstr("warning"), HasSubstr("Another CPU")));
    const auto json = nlohmann::json::parse(
        compare({"base", "elsewhere", "--anyway", "--format", "json"}).output);
    EXPECT_EQ(json["compared_anyway"], true);
}

TEST_F(Compare, FindsRunsInTheStore) {
    make("base", {.trials = 60, .seed = 1, .run_id = "first"});
    make("head", {.trials = 60, .seed = 2, .run_id = "second"});
    const std::map<std::string, std::string> store{{"FAULTLINE_STORE", "runs.sqlite"}};
    ASSERT_EQ(place_.faultline({"history", "import", "base", "head"}, store).exit_code, 0);
    std::filesystem::remove_all(place_.folder() / "base");
    const CommandResult result = place_.faultline({"compare", "first", "head"}, store);
    EXPECT_EQ(result.exit_code, 0) << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("base   first: 60 trials"));
}

TEST_F(Compare, SaysWhatIsNotThere) {
    make("base", {.seed = 1});
    const CommandResult result = compare({"base", "nowhere"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error_output, HasSubstr("nowhere"));
    EXPECT_EQ(result.output, "");
}

}  // namespace
}  // namespace faultline::e2e
