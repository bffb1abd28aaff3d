// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"
#include "tests/integration/metronome_program.hpp"

// Faults in the code of a real program, against the program's own account of them.

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// ---- armed by the environment

TEST(MetronomeFailpoints, AreListed) {
    const auto listed = run_command({.words = {METRONOME_PROGRAM, "--list-failpoints"}});
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_EQ(listed->exit_code, 0);
    EXPECT_EQ(listed->output, "answer\nstore.write\n");
}

TEST(MetronomeFailpoints, FailTheFirstWritesAndAreNoticedAtOnce) {
    Metronome metronome({}, {{"FAULTLINE_FAILPOINTS", "store.write=error(ENOSPC):first=2"}});
    Client client(metronome.port());
    metronome.wait_for("ready");
    EXPECT_EQ(client.ask({"GET", "k"}), "$-1") << "only writes fail";
    EXPECT_EQ(client.ask({"SET", "k", "1"}), "-ERR storing: No space left on device");
    EXPECT_EQ(metronome.wait_for("write_failed").at("error"), "ENOSPC");
    EXPECT_THAT(client.ask({"INCR", "k"}), StartsWith("-ERR storing"));
    EXPECT_EQ(client.ask({"SET", "k", "2"}), "+OK");
    metronome.wait_for("write_good");
    EXPECT_EQ(client.ask({"GET", "k"}), "2");
}

TEST(MetronomeFailpoints, CrashAtTheHitTheyWereTold) {
    Metronome metronome({}, {{"FAULTLINE_FAILPOINTS", "answer=crash:after=2"}});
    Client client(metronome.port());
    metronome.wait_for("ready");
    EXPECT_EQ(client.ask({"SET", "k", "1"}), "+OK");
    EXPECT_EQ(client.ask({"GET", "k"}), "1");
    EXPECT_EQ(client.ask({"GET", "k"}), "");
    EXPECT_EQ(metronome.wait_exit().signal, SIGKILL);
}

TEST(MetronomeFailpoints, AMisspelledNameEndsTheProgramBeforeItServes) {
    Metronome metronome({}, {{"FAULTLINE_FAILPOINTS", "store.wirte=error(EIO)"}});
    const Exit exit = metronome.wait_exit();
    EXPECT_EQ(exit.code, 2);
    EXPECT_THAT(exit.error_output, HasSubstr("did you mean \"store.write\"?"));
}

// ---- armed by the harness

/// One metronome; `operations` of the load, what `detection` counts, and the faults as JSON.
struct Story {
    std::string operations = R"({"set": 1})";
    std::string detection = R"([{"event": "detected"}])";
    std::string faults;
    std::string expect = "[]";

    [[nodiscard]] std::string text() const {
        return R"({"name": "story",
  "targets": {"metronome": {"ports": ["client"], "command": ["${bin}/metronome", "--port", "${port.client}"],
                            "ready": {"probe": "redis.ping"}}},
  "load": {"driver": "redis", "to": "metronome", "rate": "500/s", "connections": 4, "timeout": "100ms",
           "lag_max": "10s", "operations": )" +
               operations + R"(},
  "steady_state": {"success_rate": 0.99, "for": "100ms", "within": "10s"},
  "recovery": {"success_rate": 0.99, "for": "100ms", "within": "5s"},
  "success_window": "300ms", "trials": {"count": 1},
  "detection": )" +
               detection + ",\n  \"faults\": " + faults + ",\n  \"expect\": " + expect + "}\n";
    }
};

class CodeFaultRun : public ::testing::Test {
  protected:
    /// The record of the only trial.
    nlohmann::json trial_of(const Story& story, int exit_code) {
        place_.write("scenario.json", story.text());
        const auto ran = place_.faultline({"run", "scenario.json", "--out", "out"});
        EXPECT_EQ(ran.exit_code, exit_code) << ran.output << ran.error_output;
        const auto line = read_file(place_.folder() / "out/trials.jsonl");
        EXPECT_TRUE(line);
        return nlohmann::json::parse(line.value_or("{}"), nullptr, false);
    }
    /// What the metronome itself wrote about an instant, 0 when it never came.
    [[nodiscard]] std::int64_t told(const std::string& what) const {
        const auto text = read_file(place_.folder() / "out/trials/0001/metronome.0/stdout");
        const std::size_t line = text ? text->find("what=" + what) : std::string::npos;
        if (line == std::string::npos) return 0;
        const std::size_t begin = text->rfind("at=", line) + 3;
        return std::stoll(text->substr(begin));
    }

    e2e::Workplace place_;
};

TEST_F(CodeFaultRun, BeginsAtTheFirstTriggerByTheTargetsOwnClock) {
    const auto trial = trial_of({.faults = R"([{"fault": "code.error", "point": "store.write",
        "on": "metronome", "at": "50ms", "for": "50ms", "diagnosis": "storage_failing"}])",
                                 .expect = R"(["diagnosed >= 100%", "detected >= 100%"])"},
                                0);
    const auto& injection = trial.at("injections").at(0);
    EXPECT_EQ(injection.at("effect"), "confirmed");
    EXPECT_EQ(injection.at("diagnosis"), "storage_failing");
    EXPECT_THAT(injection.at("evidence").get<std::string>(), HasSubstr("store.write triggered"));
    const auto t0 = injection.at("at_ns").get<std::int64_t>();
    EXPECT_GT(t0, injection.at("planned_ns").get<std::int64_t>());
    // The stamp is taken in the very write that the metronome then finds failed.
    EXPECT_LE(t0, told("write_failed"));
    EXPECT_EQ(injection.at("detection_time_ns").get<std::int64_t>(), told("write_failed") - t0);
    EXPECT_GE(told("write_good"), injection.at("cleared_ns").get<std::int64_t>());
}

TEST_F(CodeFaultRun, AWrongDiagnosisBreaksTheExpectation) {
    const auto trial = trial_of({.faults = R"([{"fault": "code.error", "point": "store.write",
        "on": "metronome", "at": "50ms", "for": "50ms", "diagnosis": "overload"}])",
                                 .expect = R"(["diagnosed >= 95%"])"},
                                1);
    EXPECT_EQ(trial.at("injections").at(0).at("diagnosis"), "storage_failing");
}

TEST_F(CodeFaultRun, CrashCountsFromTheHitAndIsNotRepeatedAfterTheRestart) {
    const auto trial = trial_of({.detection = R"([{"exit": "metronome"}])",
                                 .faults = R"([
        {"id": "end", "fault": "code.crash", "point": "answer", "after_hits": 20, "on": "metronome",
         "at": "50ms"},
        {"fault": "process.restart", "on": "$end", "after": {"event": "exit", "delay": "50ms"}}])",
                                 .expect = R"(["detected >= 100%", "recovered >= 100%"])"},
                                0);
    const auto& injection = trial.at("injections").at(0);
    EXPECT_EQ(injection.at("effect"), "confirmed");
    const auto evidence = injection.at("evidence").get<std::string>();
    EXPECT_THAT(evidence, HasSubstr("triggered 1 times in 21 hits"));
    EXPECT_THAT(evidence, HasSubstr("ended by signal 9"));
    EXPECT_GT(injection.at("at_ns").get<std::int64_t>(),
              injection.at("planned_ns").get<std::int64_t>() + 20'000'000);
    EXPECT_EQ(trial.at("instances").at(0).at("starts"), 2);
}

TEST_F(CodeFaultRun, IsIneffectiveWhenNobodyComesBy) {
    const auto trial =
        trial_of({.operations = R"({"get": 1})", .faults = R"([{"fault": "code.error",
        "point": "store.write", "on": "metronome", "at": "50ms", "within": "100ms"}])"},
                 5);
    const auto& injection = trial.at("injections").at(0);
    EXPECT_EQ(injection.at("effect"), "unconfirmed");
    EXPECT_THAT(injection.at("evidence").get<std::string>(),
                HasSubstr("store.write was armed and hit 0 times"));
}

TEST_F(CodeFaultRun, IsIneffectiveWhenNoTargetHasThePointAndSaysWhichIsNear) {
    const auto trial = trial_of({.faults = R"([{"fault": "code.delay", "point": "anser",
        "delay": "1ms", "on": "metronome", "at": "50ms"}])"},
                                5);
    EXPECT_EQ(trial.at("outcome"), "ineffective");
    EXPECT_THAT(trial.at("reason").get<std::string>(), HasSubstr("did you mean \"answer\"?"));
}

TEST_F(CodeFaultRun, ShippedScenariosPass) {
    for (const std::string name : {"code-error", "code-delay", "code-crash"}) {
        const auto scenario = e2e::scenarios_folder() / "metronome" / (name + ".json");
        const auto ran =
            place_.faultline({"run", scenario.string(), "--out", name, "--trials", "1"});
        EXPECT_EQ(ran.exit_code, 0) << ran.output << ran.error_output;
    }
}

}  // namespace
}  // namespace faultline::testing
