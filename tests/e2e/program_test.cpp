// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// The subcommands that start no trial, and the shipped scenarios as files.

namespace faultline::e2e {
namespace {

using ::testing::HasSubstr;

TEST(Program, HelpNamesEverySubcommandAndTheExitCodes) {
    const Workplace place;
    const auto help = place.faultline({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    for (const char* name : {"run",
                             "validate",
                             "explain",
                             "list",
                             "schema",
                             "doctor",
                             "calibrate",
                             "recover",
                             "report",
                             "init",
                             "completion",
                             "130"}) {
        EXPECT_THAT(help.output, HasSubstr(name));
    }
    EXPECT_EQ(place.faultline({"run", "--help"}).exit_code, 0);
}

TEST(Program, ReportsEveryMistakeAtOnceWithItsPlace) {
    const Workplace place;
    place.write(
        "bad.json",
        "{\n  \"name\": \"x\",\n  \"targets\": {\"a\": {\"command\": [\"true\"], \"portz\": "
        "[\"p\"]}},\n"
        "  \"faults\": [{\"fault\": \"process.crush\", \"on\": \"b\", \"at\": \"2\"}]\n}\n");
    const auto result = place.faultline({"validate", "bad.json"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error_output, HasSubstr("bad.json:3:"));
    EXPECT_THAT(result.error_output, HasSubstr("did you mean \"ports\"?"));
    EXPECT_THAT(result.error_output, HasSubstr("bad.json:4:"));
    EXPECT_THAT(result.error_output, HasSubstr("did you mean \"process.crash\"?"));
    EXPECT_THAT(result.error_output, HasSubstr("/faults/0/on"));
    EXPECT_THAT(result.error_output, HasSubstr("/faults/0/at"));
}

TEST(Program, EveryShippedScenarioIsValidAndExplained) {
    const Workplace place;
    const auto result = place.faultline({"validate", scenarios_folder().string()});
    EXPECT_EQ(result.exit_code, 0) << result.error_output;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scenarios_folder())) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".json" || name.starts_with("_") ||
            name.ends_with(".schema.json"))
            continue;
        const auto explained = place.faultline({"explain", entry.path().string()});
        EXPECT_EQ(explained.exit_code, 0) << entry.path() << explained.error_output;
        EXPECT_THAT(explained.output, HasSubstr("timeline of a fault trial"));
    }
}

TEST(Program, SchemaAndReferenceThatAreKeptAreCurrent) {
    const Workplace place;
    EXPECT_EQ(place.faultline({"schema"}).output,
              *read_file(scenarios_folder() / "schema/scenario-1.schema.json"))
        << "run: faultline schema > scenarios/schema/scenario-1.schema.json";
    EXPECT_THAT(*read_file(scenarios_folder() / "README.md"),
                HasSubstr(place.faultline({"schema", "--reference"}).output))
        << "run: ci/reference";
}

TEST(Program, ListShowsKindsAndParametersAndSuggestsNames) {
    const Workplace place;
    EXPECT_THAT(place.faultline({"list"}).output, HasSubstr("process.hang"));
    EXPECT_THAT(place.faultline({"list", "faults", "process.crash"}).output, HasSubstr("signal"));
    const auto wrong = place.faultline({"list", "probes", "redis.rol"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.error_output, HasSubstr("did you mean \"redis.role\"?"));
}

TEST(Program, InitWritesAScenarioThatRunsForTheUsersOwnServer) {
    const Workplace place;
    const auto metronome = (faultline_path().parent_path() / "metronome").string();
    const auto made = place.faultline({"init", "--", metronome, "--port", "6379"});
    EXPECT_EQ(made.exit_code, 0) << made.error_output;
    EXPECT_EQ(place.faultline({"validate", "metronome.json"}).exit_code, 0);
    const auto result = place.faultline({"run", "metronome.json", "--trials", "1"});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.error_output;
    EXPECT_EQ(place.faultline({"init", "--", metronome}).exit_code, 2) << "must not overwrite";
}

TEST(Program, DoctorAnswersPeopleAndScripts) {
    const Workplace place;
    EXPECT_THAT(place.faultline({"doctor"}).output, HasSubstr("process.hang"));
    EXPECT_THAT(place.faultline({"doctor", "--json"}).output, HasSubstr("\"cgroup\""));
}

TEST(Program, CompletionsAreSyntacticallySound) {
    const Workplace place;
    const auto script = place.faultline({"completion", "bash"});
    const auto checked = run_command({.words = {"bash", "-n"}, .input = script.output});
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->exit_code, 0) << checked->error_output;
    EXPECT_EQ(place.faultline({"completion", "tcsh"}).exit_code, 2);
}

TEST(Program, RecoverHasNothingToDoOnACleanMachine) {
    const Workplace place;
    const auto result =
        place.faultline({"recover"}, {{"XDG_RUNTIME_DIR", place.folder().string()}});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.output, HasSubstr("nothing to recover"));
}

TEST(Program, CalibratePrintsEveryFigureAndKeepsThem) {
    const Workplace place;
    const auto result = place.faultline({"calibrate", "--trials", "5", "--idle-only"},
                                        {{"XDG_STATE_HOME", place.folder().string()}});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.error_output;
    for (const char* name : {"injection_lateness",
                             "detection_error_event",
                             "detection_error_log",
                             "detection_error_probe",
                             "recovery_error",
                             "load_lag",
                             "machine_jitter"}) {
        EXPECT_THAT(result.output, HasSubstr(name));
    }
    EXPECT_TRUE(std::filesystem::exists(place.folder() / "faultline/calibration.json"));
}

}  // namespace
}  // namespace faultline::e2e
