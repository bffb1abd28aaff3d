// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <gtest/gtest.h>

#include "harness/scenario/secret_values.hpp"
#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// `names` as JSON, of a target with variables and arguments.
std::string secret_scenario(const std::string& names) {
    return R"({"name": "n", "parameters": {"key": "key-4711"},
  "targets": {"kv": {"command": ["kv", "--password", "open sesame", "--key=${param.key}"],
    "env": {"API_TOKEN": "token-\"9\"", "PLACE": "at-${dir}", "PIN": "123", "FROM": "${env.FL_TEST_SECRET}"},
    "files": {"note": "say open sesame"}}},
  "secret": )" +
           names + "}";
}

TEST(ScenarioSecrets, AreTakenFromVariablesAndArguments) {
    ::setenv("FL_TEST_SECRET", "from outside", 1);
    const LoadedScenario loaded =
        load_text(secret_scenario(R"(["API_TOKEN", "--password", "--key", "FROM"])"));
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    const Scenario& scenario = loaded.cases.front();
    EXPECT_EQ(scenario.secrets.mask("open sesame key-4711 token-\"9\" from outside."),
              "*** *** *** ***.");
    EXPECT_THAT(scenario.secrets_missing, IsEmpty());
}

TEST(ScenarioSecrets, AreMaskedInTheScenarioAsResolved) {
    ::setenv("FL_TEST_SECRET", "from outside", 1);
    const LoadedScenario loaded =
        load_text(secret_scenario(R"(["API_TOKEN", "--password", "--key", "PLACE"])"));
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    const Scenario& scenario = loaded.cases.front();
    for (const char* secret : {"sesame", "4711", "token-"})
        EXPECT_THAT(scenario.resolved_json, Not(HasSubstr(secret)));
    EXPECT_EQ(scenario.parameters.at("key"), "***");
    // But not in what is started.
    EXPECT_THAT(scenario.targets[0].instances[0].command,
                ElementsAre("kv", "--password", "open sesame", "--key=key-4711"));
    const LoadedScenario again = load_text(scenario.resolved_json);
    ASSERT_THAT(mistakes_of(again), IsEmpty());
    EXPECT_THAT(again.cases[0].secrets_missing,
                testing::IsSupersetOf({"/targets/kv/command/2",
                                       "/targets/kv/command/3",
                                       "/targets/kv/env/API_TOKEN",
                                       "/targets/kv/files/note"}));
}

TEST(ScenarioSecrets, RejectWhatCannotBeMasked) {
    ::setenv("FL_TEST_SECRET", "from outside", 1);
    EXPECT_THAT(mistakes_in(secret_scenario(R"(["PIN"])")), mistakes_with("3 characters"));
    EXPECT_THAT(mistakes_in(secret_scenario(R"(["API_TOKN"])")),
                mistakes_with("did you mean \"API_TOKEN\"?"));
    EXPECT_THAT(mistakes_in(secret_scenario(R"(["--passwort"])")),
                mistakes_with("did you mean \"--password\"?"));
    EXPECT_THAT(mistakes_in(secret_scenario(R"(["A=b"])")), mistakes_with("without '='"));
    EXPECT_THAT(mistakes_in(secret_scenario(R"("API_TOKEN")")), mistakes_with("array of texts"));
    // A variable that is not set today.
    EXPECT_THAT(mistakes_in(secret_scenario(R"(["FL_TEST_UNSET_VARIABLE"])")), IsEmpty());
}

TEST(ScenarioSecrets, AreNotToldByMistakes) {
    const auto mistakes = mistakes_in(
        R"({"name": "n", "targets": {"kv": {"command": ["kv"], "env": {"API_TOKEN": "abc-hunter22"}}},
            "isolation": "abc-hunter22", "secret": ["API_TOKEN"]})");
    EXPECT_THAT(mistakes, ElementsAre(AllOf(HasSubstr("***"), Not(HasSubstr("hunter22")))));
}

TEST(SecretValues, AreThoseOfTheNameInEveryForm) {
    const std::vector<std::string> command{"p", "--key", "one", "--key=two", "--keys=x", "--key"};
    const std::map<std::string, std::string> environment{{"KEY", "three"}, {"--key", "four"}};
    EXPECT_THAT(secret_values("--key", {command, environment}), ElementsAre("four", "one", "two"));
    EXPECT_THAT(secret_values("KEY", {command, environment}), ElementsAre("three"));
    EXPECT_THAT(secret_values("p", {command, environment}), IsEmpty());
}

}  // namespace
}  // namespace faultline
