// SPDX-License-Identifier: Apache-2.0
#include "reports/trace.hpp"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/result/result_directory.hpp"
#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::MatchesRegex;

constexpr std::int64_t start_ns = 4'000'000'000;

RunRecord traced_run() {
    RunRecord run = sample_run();
    run.trials.resize(2);
    for (TrialRecord& trial : run.trials)
        trial.started = instant_of(start_ns);
    return run;
}

Event event_at(Duration after, EventSource source, const std::string& name) {
    Event event{.at = instant_of(start_ns) + after, .source = source, .name = name};
    event.seen = event.at + 1ms;
    return event;
}

Timeline sample_timeline() {
    Timeline timeline;
    timeline.load_start = instant_of(start_ns) + 100ms;
    timeline.steady = instant_of(start_ns) + 500ms;
    timeline.end = instant_of(start_ns) + 3s;
    timeline.operation_kinds = {"set"};
    for (int i = 0; i < 5000; ++i) {
        Operation operation{.intended_ns =
                                nanoseconds_of(timeline.load_start) + std::int64_t{500'000} * i};
        operation.end_ns = operation.intended_ns + 300'000;
        operation.outcome = i % 3 == 0 ? Outcome::unknown : Outcome::ok;
        operation.failure = i % 3 == 0 ? Failure::timeout : Failure::none;
        timeline.operations.push_back(operation);
    }
    Event ready = event_at(50ms, EventSource::target, "ready");
    ready.instance = "redis[0]";
    ready.fields = {{"role", "primary"}};
    Event detected = event_at(2s, EventSource::target, "detected");
    detected.instance = "sentinel[0]";
    detected.signal = 0;
    detected.fields = {{"about", "redis[0] \"x\" <b>"}};
    Event exit = event_at(1001ms, EventSource::exit, "exit");
    exit.instance = "redis[0]";
    timeline.events = {ready, detected, exit, event_at(500ms, EventSource::harness, "steady")};
    return timeline;
}

/// A run in a folder that goes with the object.
class RunFolder {
  public:
    explicit RunFolder(const RunRecord& run) {
        std::string pattern = ::testing::TempDir() + "trace-XXXXXX";
        FL_CHECK(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
        auto directory = ResultDirectory::create(path_, run);
        FL_CHECK(directory.has_value());
        for (const TrialRecord& trial : run.trials)
            FL_CHECK(directory->write_timeline(trial.trial, sample_timeline()).has_value());
    }
    ~RunFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;
    [[nodiscard]] RenderOptions options(int trial) const {
        return {.directory = path_, .trial = trial};
    }

  private:
    std::filesystem::path path_;
};

void check_attributes(const Json& attributes) {
    ASSERT_TRUE(attributes.is_array());
    for (const Json& attribute : attributes) {
        ASSERT_TRUE(attribute.at("key").is_string());
        const Json& value = attribute.at("value");
        ASSERT_EQ(value.size(), 1U);
        if (value.contains("intValue")) {
            EXPECT_THAT(value.at("intValue").get<std::string>(), MatchesRegex("-?[0-9]+"));
        } else {
            EXPECT_TRUE(value.at("stringValue").is_string());
        }
    }
}

// The JSON encoding of opentelemetry-proto trace v1: TracesData > ResourceSpans > ScopeSpans >
// Span.
TEST(OtlpTrace, HasTheFieldsAndTypesOfTheProtocol) {
    const RunRecord run = traced_run();
    const RunFolder folder(run);
    const Json document = Json::parse(rendered("otlp", run, folder.options(1)));
    std::set<std::string> trace_ids, span_ids, parents, names;
    for (const Json& resource : document.at("resourceSpans")) {
        check_attributes(resource.at("resource").at("attributes"));
        for (const Json& scope : resource.at("scopeSpans")) {
            EXPECT_EQ(scope.at("scope").at("name"), "faultline");
            for (const Json& span : scope.at("spans")) {
                trace_ids.insert(span.at("traceId").get<std::string>());
                EXPECT_THAT(span.at("spanId").get<std::string>(), MatchesRegex("[0-9a-f]{16}"));
                EXPECT_TRUE(span_ids.insert(span.at("spanId").get<std::string>()).second);
                if (span.contains("parentSpanId"))
                    parents.insert(span.at("parentSpanId").get<std::string>());
                names.insert(span.at("name").get<std::string>());
                EXPECT_EQ(span.at("kind"), 1);
                const std::string begin = span.at("startTimeUnixNano");
                const std::string end = span.at("endTimeUnixNano");
                EXPECT_THAT(begin, MatchesRegex("[0-9]{19}"));
                EXPECT_LE(begin, end);
                EXPECT_TRUE(span.at("status").at("code").is_number_integer());
                check_attributes(span.at("attributes"));
                for (const Json& event : span.at("events")) {
                    EXPECT_THAT(event.at("timeUnixNano").get<std::string>(),
                                MatchesRegex("[0-9]{19}"));
                    EXPECT_TRUE(event.at("name").is_string());
                    check_attributes(event.at("attributes"));
                }
            }
        }
    }
    ASSERT_EQ(trace_ids.size(), 1U);
    EXPECT_THAT(*trace_ids.begin(), MatchesRegex("[0-9a-f]{32}"));
    for (const std::string& parent : parents)
        EXPECT_TRUE(span_ids.contains(parent)) << parent;
    for (const char* name : {"trial 1",
                             "reach steady state",
                             "injection fault-1",
                             "apply process.crash",
                             "detection",
                             "recovery",
                             "stage detected",
                             "instance redis[0]",
                             "role primary"})
        EXPECT_TRUE(names.contains(name)) << name;
}

TEST(OtlpTrace, NamesTheSameTrialTheSameAndAnotherOtherwise) {
    const RunRecord run = traced_run();
    const RunFolder folder(run);
    const std::string first = rendered("otlp", run, folder.options(1));
    EXPECT_EQ(first, rendered("otlp", run, folder.options(1)));
    const auto id_of = [](const std::string& text) {
        return text.substr(text.find("\"traceId\""), 48);
    };
    EXPECT_NE(id_of(first), id_of(rendered("otlp", run, folder.options(2))));
}

TEST(OtlpTrace, SaysWhenAnInstantWasInTimeOfDay) {
    const RunRecord run = traced_run();
    const RunFolder folder(run);
    const TrialTrace trace = trace_trial(run, folder.options(2));
    EXPECT_EQ(trace.clock.unix_ns(instant_of(start_ns) + 1500ms),
              run.trials[1].started_unix_ms * 1'000'000 + 1'500'000'000);
    EXPECT_EQ(trace.clock.error, 1ms);
}

TEST(OtlpTrace, SaysHowUnsureTheTimeOfDayIsWithoutAnInstantOfTheStart) {
    RunRecord run = traced_run();
    for (TrialRecord& trial : run.trials) {
        trial.started.reset();
        trial.took = 4s;
    }
    const RunFolder folder(run);
    const TrialTrace trace = trace_trial(run, folder.options(1));
    const Duration off = trace.clock.start - instant_of(start_ns);
    EXPECT_GT(trace.clock.error, 1ms);
    EXPECT_LE(off < Duration{} ? -off : off, trace.clock.error);
}

TEST(OtlpTrace, IsMadeOfTheRecordAloneWhenTheTimelineIsGone) {
    const RunRecord run = traced_run();
    const Json document = Json::parse(rendered("otlp", run, {.directory = "/nowhere", .trial = 1}));
    const std::string text = document.dump();
    EXPECT_NE(text.find("recovery"), std::string::npos);
    EXPECT_NE(text.find("faultline.timeline"), std::string::npos);
    EXPECT_EQ(Json::parse(rendered("otlp", unfinished_run())).at("resourceSpans").size(), 0U);
}

// Trace Event Format: what each phase of event requires.
TEST(ChromeTrace, HasWhatTheFormatRequiresOfEachEvent) {
    const RunRecord run = traced_run();
    const RunFolder folder(run);
    const Json document = Json::parse(rendered("chrome-trace", run, folder.options(1)));
    std::set<std::string> phases, processes;
    std::set<std::pair<std::string, std::string>> open;
    std::size_t counters = 0, slices = 0;
    for (const Json& event : document.at("traceEvents")) {
        const std::string phase = event.at("ph");
        phases.insert(phase);
        EXPECT_TRUE(event.at("name").is_string());
        EXPECT_TRUE(event.at("pid").is_number_integer());
        EXPECT_TRUE(event.at("tid").is_number_integer());
        if (phase == "M") {
            if (event.at("name") == "process_name")
                processes.insert(event.at("args").at("name").get<std::string>());
            continue;
        }
        EXPECT_TRUE(event.at("ts").is_number());
        if (phase == "X") {
            EXPECT_GE(event.at("dur").get<double>(), 0);
        }
        if (phase == "i") {
            EXPECT_EQ(event.at("s"), "t");
        }
        if (phase == "C") {
            ++counters;
            for (const auto& [name, value] : event.at("args").items())
                EXPECT_TRUE(value.is_number()) << name;
        }
        const auto key = [&event] {
            return std::pair(event.at("id").get<std::string>(), event.at("cat").get<std::string>());
        };
        if (phase == "b") {
            ++slices;
            EXPECT_TRUE(open.insert(key()).second);
        }
        if (phase == "e") {
            EXPECT_EQ(open.erase(key()), 1U);
        }
    }
    EXPECT_TRUE(open.empty());
    EXPECT_EQ(phases, (std::set<std::string>{"M", "X", "i", "C", "b", "e"}));
    EXPECT_EQ(processes, (std::set<std::string>{"faultline", "load", "redis[0]", "sentinel[0]"}));
    EXPECT_LE(counters, 4002U);
    EXPECT_LE(slices, 2000U);
    EXPECT_GT(slices, 500U);
}

TEST(ChromeTrace, IsEmptyOfARunWithoutTrials) {
    const Json document = Json::parse(rendered("chrome-trace", unfinished_run()));
    EXPECT_TRUE(document.at("traceEvents").empty());
}

}  // namespace
}  // namespace faultline::reports
