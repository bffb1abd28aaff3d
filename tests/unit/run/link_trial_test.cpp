// SPDX-License-Identifier: Apache-2.0
// Whole trials of the ground-truth target, through links that are really there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/check.hpp"
#include "harness/base/file.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/run.hpp"
#include "harness/run/trial.hpp"
#include "harness/scenario/load_scenario.hpp"

namespace faultline {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// A pair of metronomes: the secondary keeps a connection to the primary, through its link where
/// there is one, and takes over 100 ms after losing it.
std::string pair_with(const std::string& links, const std::string& faults) {
    return R"({"name": "pair", "targets": {"m": {"count": 2, "ports": ["client"],
        "command": ["${bin}/metronome", "--port", "${port.client}", "--detect-after", "50ms", "--takeover-after", "100ms"],
        "ready": {"probe": "redis.ping", "period": "5ms"},
        "instances": {"0": {"args": ["--role", "primary", "--peer-port", "${to.m[1].port.client}"]},
                      "1": {"args": ["--role", "secondary", "--peer-port", "${to.m[0].port.client}"]}}}},
      "roles": {"m": {"primary": {"probe": "redis.role", "equals": "master", "period": "20ms"},
                      "secondary": {"probe": "redis.role", "equals": "slave", "period": "20ms"}}},
      "load": {"driver": "redis", "to": "m@primary", "rate": "500/s", "connections": 4, "timeout": "300ms"},
      "steady_state": {"success_rate": 0.99, "for": "200ms", "within": "20s"},
      "detection": [{"event": "detected", "in": "m"}], "detection_within": "10ms",
      "recovery": {"success_rate": 0.99, "for": "100ms", "within": "10s"}, "success_window": "300ms",
      "links": [)" +
           links + R"(], "faults": [)" + faults + "]}";
}

constexpr const char* load_links = R"({"from": "load", "to": "m", "port": "client"})";

class LinkTrial : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        run_ = new_run_id();
        auto guardian = Guardian::start(run_);
        FL_CHECK(guardian.has_value());
        guardian_ = std::move(*guardian);
    }
    static void TearDownTestSuite() { guardian_.reset(); }
    LinkTrial() : folder_(std::filesystem::temp_directory_path() / ("faultline-test-" + run_)) {}
    ~LinkTrial() override { static_cast<void>(remove_tree(folder_)); }

    TrialResult run(const std::string& text, std::uint64_t seed = 7) {
        const LoadedScenario loaded = load_scenario_text(text, "s.json", full_catalog());
        for (const Diagnostic& diagnostic : loaded.diagnostics)
            ADD_FAILURE() << format_diagnostic(diagnostic);
        if (loaded.cases.empty()) return {};
        const MachineAbilities abilities{.launch = best_launch_method()};
        ++number_;
        const TrialContext context{.scenario = loaded.cases.front(),
                                   .abilities = abilities,
                                   .guardian = *guardian_,
                                   .interruption = interruption_,
                                   .run = run_,
                                   .number = number_,
                                   .seed = seed,
                                   .folder = folder_ / "trials" / std::to_string(number_),
                                   .temporary_folder = folder_ / "t"};
        return run_trial(context);
    }

    /// The same, of a trial that is expected to go well.
    TrialResult good_run(const std::string& text) {
        TrialResult result = run(text);
        EXPECT_EQ(result.record.outcome, TrialOutcome::pass) << result.record.reason;
        EXPECT_THAT(result.record.leaks, testing::IsEmpty());
        return result;
    }

    static inline std::string run_;
    static inline std::unique_ptr<Guardian> guardian_;  // one for all: it is a child as well
    std::filesystem::path folder_;
    int number_ = 0;
    Interruption interruption_;
};

TEST_F(LinkTrial, LatencyOnTheLoadsLinkIsInTheLatenciesMeasured) {
    const TrialResult result = good_run(pair_with(
        load_links,
        R"({"fault": "link.latency", "on": "load->m@primary.client", "at": "100ms", "for": "400ms", "delay": "40ms"})"));
    ASSERT_EQ(result.record.injections.size(), 1U);
    const Injection& injection = result.record.injections[0].injection;
    EXPECT_THAT(injection.on, ElementsAre("load->m[0].client"));
    EXPECT_EQ(injection.effect, Effect::confirmed) << injection.evidence;
    EXPECT_THAT(injection.evidence, HasSubstr("delayed"));
    ASSERT_TRUE(injection.cleared);
    const OperationLog& log = result.timeline.operations;
    std::size_t during = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        // Those under way when it began or ended have seen only a part of it.
        const Instant intended = instant_of(log[i].intended_ns);
        if (log[i].outcome != Outcome::ok || intended < injection.call_end ||
            intended + milliseconds(80) > injection.call_end + milliseconds(400))
            continue;
        ++during;
        EXPECT_GE(instant_of(log[i].end_ns) - intended, milliseconds(80));
    }
    EXPECT_GT(during, 20U);
}

TEST_F(LinkTrial, LinkThatIsDownFailsOperationsUntilItIsBack) {
    const TrialResult result = good_run(pair_with(
        load_links,
        R"({"fault": "link.down", "on": "load->m@primary.client", "at": "100ms", "for": "300ms"})"));
    ASSERT_EQ(result.record.injections.size(), 1U);
    const InjectionMeasures& measures = result.record.injections[0].measures;
    EXPECT_FALSE(measures.masked);
    ASSERT_TRUE(measures.recovery_time);
    EXPECT_GE(*measures.recovery_time, milliseconds(300));
    EXPECT_GT(result.record.operations_failed, 0U);
    EXPECT_EQ(result.record.lost_writes, 0U);
}

TEST_F(LinkTrial, FaultWhereNothingIsSentIsIneffective) {
    const TrialResult result = run(pair_with(
        load_links,
        R"({"fault": "link.latency", "on": "load->m@secondary.client", "at": "50ms", "delay": "40ms", "within": "200ms"})"));
    EXPECT_EQ(result.record.outcome, TrialOutcome::ineffective);
    EXPECT_THAT(result.record.reason, HasSubstr("no effect was seen"));
    EXPECT_THAT(result.record.leaks, testing::IsEmpty());
}

TEST_F(LinkTrial, SharedLinksAreToldApartByWhoConnects) {
    const std::string links = R"({"from": "load", "to": "m", "port": "client", "shared": true},
                                 {"from": "m", "to": "m", "port": "client", "shared": true})";
    // Both the load and the secondary go through the primary's one address; only the secondary's
    // connection is reset, and so it takes over although the load has noticed nothing.
    const TrialResult result = good_run(pair_with(
        links,
        R"({"fault": "link.down", "on": "m[1]->m[0].client", "at": "100ms", "for": "300ms"})"));
    ASSERT_EQ(result.record.injections.size(), 1U);
    const Injection& injection = result.record.injections[0].injection;
    EXPECT_THAT(injection.evidence, HasSubstr("1 connection reset"));
    EXPECT_TRUE(result.record.injections[0].measures.detection_time ||
                !result.timeline.events.empty());
    const bool took_over = std::any_of(
        result.timeline.events.begin(), result.timeline.events.end(), [](const Event& event) {
            return event.name == "detected" && event.instance == "m[1]";
        });
    EXPECT_TRUE(took_over);
}

TEST_F(LinkTrial, SelectorsAreResolvedAtBothEndsAndRemembered) {
    const std::string links = R"({"from": "m", "to": "m", "port": "client"})";
    const TrialResult result = good_run(pair_with(
        links,
        R"({"id": "first", "fault": "link.latency", "on": "m@secondary:any<->m", "at": "50ms", "for": "50ms", "delay": "1ms"},
           {"id": "same", "fault": "link.latency", "on": "$first", "at": "200ms", "for": "50ms", "delay": "1ms"},
           {"id": "hang", "fault": "process.hang", "on": "m@primary", "at": "350ms", "for": "10ms"},
           {"id": "from", "fault": "link.latency", "on": "m->$hang.client", "at": "450ms", "for": "50ms", "delay": "1ms"})"));
    std::map<std::string, std::vector<std::string>> on;
    for (const InjectionRecord& injection : result.record.injections)
        on[injection.injection.id] = injection.injection.on;
    EXPECT_THAT(on["first"], ElementsAre("m[0]->m[1].client", "m[1]->m[0].client"));
    EXPECT_EQ(on["same"], on["first"]);
    EXPECT_THAT(on["hang"], ElementsAre("m[0]"));
    EXPECT_THAT(on["from"], ElementsAre("m[1]->m[0].client"));
}

TEST_F(LinkTrial, WaitsForTheRolesAtBothEnds) {
    std::string text =
        pair_with(R"({"from": "m", "to": "m", "port": "client"})",
                  R"({"fault": "link.down", "on": "m@secondary->m@primary.client", "at": "1s"})");
    const std::string slave = R"("equals": "slave")";
    text.replace(text.find(slave), slave.size(), R"("equals": "nobody")");
    const std::string within = R"("within": "20s")";
    text.replace(text.find(within), within.size(), R"("within": "500ms")");
    const TrialResult result = run(text);
    EXPECT_EQ(result.record.outcome, TrialOutcome::unhealthy);
    EXPECT_THAT(result.record.reason, HasSubstr("\"m@secondary\" matched no instance"));
}

}  // namespace
}  // namespace faultline
