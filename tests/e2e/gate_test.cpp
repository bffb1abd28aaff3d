// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"
#include "tests/unit/result/schema_check.hpp"

// The gate as CI uses it. A build is a folder with a script named metronome that says how long the
// takeover takes.

namespace faultline::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string all_of(const CommandResult& result) {
    return result.output + result.error_output;
}

class Gate : public ::testing::Test {
  protected:
    /// Makes a build and returns its folder.
    std::string build(const std::string& name,
                      const std::string& more,
                      const std::string& before = "") const {
        const auto script = place.write(
            name + "/metronome",
            "#!/bin/sh\n" + before + "exec " +
                (faultline_path().parent_path() / "metronome").string() + " \"$@\" " + more + "\n");
        std::filesystem::permissions(script, std::filesystem::perms::owner_all);
        return name;
    }
    [[nodiscard]] CommandResult gate(std::vector<std::string> more) const {
        std::vector<std::string> words{"gate",
                                       (scenarios_folder() / "metronome/gate.json").string(),
                                       "--out",
                                       "out",
                                       "--store",
                                       "none"};
        words.insert(words.end(), more.begin(), more.end());
        CommandResult result = place.faultline(words, {{"FAULTLINE_TEST", mark}});
        check_json("out/gate.json");
        return result;
    }
    /// What a gate leaves keeps to its published schema; one that never began leaves nothing.
    void check_json(const std::string& name) const {
        const auto text = read_file(place.folder() / name);
        if (!text) return;
        const json schema = schema_named("gate-1");
        const json document = json::parse(*text);
        EXPECT_EQ(complaints(schema, document), "") << *text;
        EXPECT_EQ(undescribed(schema, document), "");
        for (const json& scenario : document["scenarios"])
            EXPECT_EQ(complaints(schema_named("comparison-1"), scenario["comparison"]), "");
    }
    [[nodiscard]] std::string text_of(const std::string& name) const {
        auto text = read_file(place.folder() / name);
        EXPECT_TRUE(text) << name;
        return text ? *text : "";
    }

    const Workplace place;
    const std::string mark = "gate-" + std::to_string(::getpid());
};

TEST_F(Gate, FailsABuildThatIsSlowerThanTheOneItTakesTurnsWith) {
    build("base", "--takeover-after 60ms");
    build("head", "--takeover-after 200ms");
    const auto result = gate({"--base-bin-dir", "base", "--bin-dir", "head"});
    EXPECT_EQ(result.exit_code, 1) << all_of(result);
    EXPECT_THAT(result.output, HasSubstr("gate worse: metronome-gate: recovery_time: worse"));
    for (const char* file : {"gate.txt",
                             "gate.json",
                             "gate.md",
                             "gate.html",
                             "junit.xml",
                             "metronome-gate/comparison.html",
                             "metronome-gate/base/run.json",
                             "metronome-gate/head/summary.json",
                             "metronome-gate/head/report.md"}) {
        EXPECT_TRUE(std::filesystem::exists(place.folder() / "out" / file)) << file;
    }
    EXPECT_THAT(text_of("out/gate.json"), HasSubstr("\"exit_code\": 1"));
    EXPECT_THAT(text_of("out/junit.xml"), HasSubstr("failures=\"1\""));
    EXPECT_THAT(text_of("out/gate.md"), HasSubstr("## Gate: worse"));
    EXPECT_EQ(remains(mark), std::vector<std::string>{});
    // What it leaves are runs like any others.
    const auto report = place.faultline({"report", "out/metronome-gate/head"});
    EXPECT_EQ(report.exit_code, 0) << all_of(report);
    EXPECT_THAT(report.output, HasSubstr("recovery time"));
}

TEST_F(Gate, PassesTheSameBuildAgainstARunMadeBefore) {
    build("base", "--takeover-after 60ms");
    const auto first = place.faultline({"gate",
                                        (scenarios_folder() / "metronome/gate.json").string(),
                                        "--base-bin-dir",
                                        "base",
                                        "--bin-dir",
                                        "base",
                                        "--out",
                                        "before",
                                        "--store",
                                        "none",
                                        "--max-trials",
                                        "8",
                                        "--format",
                                        "json"});
    ASSERT_EQ(first.exit_code, 0) << all_of(first);
    EXPECT_EQ(first.output, text_of("before/gate.json")) << "and nothing else";
    // A folder of gates is searched for the run of the scenario.
    const auto same = gate({"--baseline", "before", "--bin-dir", "base", "--max-trials", "8"});
    EXPECT_EQ(same.exit_code, 0) << all_of(same);
    EXPECT_FALSE(std::filesystem::exists(place.folder() / "out/metronome-gate/base"));
}

TEST_F(Gate, IsInconclusiveWhenTheTrialsCannotTell) {
    // That five of five recovered does not show that nine of ten do.
    build("base", "--takeover-after 60ms");
    const auto result = gate({"--base-bin-dir",
                              "base",
                              "--bin-dir",
                              "base",
                              "--max-trials",
                              "5",
                              "--measure",
                              "recovered"});
    EXPECT_EQ(result.exit_code, 3) << all_of(result);
    EXPECT_THAT(result.output, HasSubstr("gate inconclusive"));
}

TEST_F(Gate, FailsABuildThatLosesWrites) {
    build("base", "--takeover-after 60ms");
    build("head", "--takeover-after 60ms --no-replication");
    const auto result = gate({"--base-bin-dir", "base", "--bin-dir", "head", "--max-trials", "5"});
    EXPECT_EQ(result.exit_code, 1) << all_of(result);
    EXPECT_THAT(result.output, HasSubstr("lost_writes: acknowledged writes were lost"));
}

TEST_F(Gate, EndsAsRunsDoWhenATrialIsUnhealthy) {
    build("base", "--takeover-after 60ms");
    build("head", "--no-such-flag");
    const auto result = gate({"--base-bin-dir", "base", "--bin-dir", "head"});
    EXPECT_EQ(result.exit_code, 4) << all_of(result);
    EXPECT_THAT(result.output, HasSubstr("of the head: unhealthy"));
    EXPECT_THAT(text_of("out/junit.xml"), HasSubstr("<error"));
}

TEST_F(Gate, KeepsWhatWasMeasuredWhenInterrupted) {
    build("base", "--takeover-after 60ms");
    // The fourth metronome of the head, in its second trial, asks its parent to stop.
    const std::string count = place.write("count", "").string();
    build("head",
          "--takeover-after 60ms",
          "echo >> " + count + "; [ $(wc -l < " + count + ") -lt 4 ] || kill -INT $PPID\n");
    const auto result = gate({"--base-bin-dir", "base", "--bin-dir", "head"});
    EXPECT_EQ(result.exit_code, 130) << all_of(result);
    EXPECT_THAT(text_of("out/gate.json"), HasSubstr("\"verdict\": \"interrupted\""));
    EXPECT_NE(text_of("out/metronome-gate/head/trials.jsonl"), "");
    EXPECT_EQ(remains(mark), std::vector<std::string>{});
}

TEST_F(Gate, ExplainsWhatItNeeds) {
    const auto neither = gate({});
    EXPECT_EQ(neither.exit_code, 2);
    EXPECT_THAT(neither.error_output, HasSubstr("--base-bin-dir"));
    EXPECT_THAT(neither.error_output, HasSubstr("--baseline"));
    EXPECT_EQ(gate({"--baseline", "x", "--base-bin-dir", "y"}).exit_code, 2);
    EXPECT_EQ(gate({"--base-bin-dir", "nowhere"}).exit_code, 2);
    EXPECT_THAT(gate({"--baseline", "nowhere"}).error_output, HasSubstr("no such folder"));
    build("base", "");
    const auto empty = gate({"--baseline", "base"});
    EXPECT_EQ(empty.exit_code, 2);
    EXPECT_THAT(empty.error_output, HasSubstr("holds no run of \"metronome-gate\""));
    const auto effect = gate({"--base-bin-dir", "base", "--effect", "much"});
    EXPECT_EQ(effect.exit_code, 2);
    EXPECT_THAT(effect.error_output, HasSubstr("--effect"));
    const auto measure = gate({"--base-bin-dir", "base", "--measure", "recovery_tim"});
    EXPECT_EQ(measure.exit_code, 2);
    EXPECT_THAT(measure.error_output, HasSubstr("did you mean \"recovery_time\"?"));
    EXPECT_FALSE(std::filesystem::exists(place.folder() / "out"));
}

TEST_F(Gate, RefusesToCompareAThingWithItself) {
    place.write(
        "fixed.json",
        single_scenario(R"([{"fault": "process.crash", "on": "metronome", "at": "50ms"}])"));
    std::string text = text_of("fixed.json");
    const std::string bin = "${bin}";
    for (auto at = text.find(bin); at != std::string::npos; at = text.find(bin))
        text.replace(at, bin.size(), "/usr/bin");
    place.write("fixed.json", text);
    build("base", "");
    const auto result = place.faultline({"gate", "fixed.json", "--base-bin-dir", "base"});
    EXPECT_EQ(result.exit_code, 2) << all_of(result);
    EXPECT_THAT(result.error_output, HasSubstr("${bin}"));
}

}  // namespace
}  // namespace faultline::e2e
