// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "harness.hpp"
#include "scenario.hpp"
#include <gtest/gtest.h>

// Fault injection in GoogleTests. C++17; link faultline::gtest.
//
//     TEST(Kv, SurvivesTheCrashOfAServer) {
//         const auto run = faultline::testing::run_scenario("kv-crash.json");
//         EXPECT_DETECTED_WITHIN(run, 2s);
//         EXPECT_RECOVERED_WITHIN(run, 3s);
//         EXPECT_NO_LOST_WRITES(run);
//         EXPECT_EXPECTATIONS(run);
//     }
//
// Every assertion fails when nothing was measured: a run that could not start, or in which no trial
// counts, is never good.

namespace faultline::testing {

using harness::Options;

[[nodiscard]] inline harness::Run run_scenario(const std::string& file,
                                               const Options& options = {}) {
    return harness::run_file(file, options);
}
[[nodiscard]] inline harness::Run run_scenario(const Scenario& scenario,
                                               const Options& options = {}) {
    return harness::run_text(scenario.json(), options);
}

/// "1.38 s"; "never" without.
[[nodiscard]] inline std::string say(const std::optional<harness::Span>& span) {
    if (!span) return "never";
    const auto ns = static_cast<double>(span->count());
    char text[32];
    if (ns < 1e6) {
        std::snprintf(text, sizeof text, "%.3g us", ns / 1e3);
    } else if (ns < 1e9) {
        std::snprintf(text, sizeof text, "%.3g ms", ns / 1e6);
    } else {
        std::snprintf(text, sizeof text, "%.3g s", ns / 1e9);
    }
    return text;
}

/// What a failure says at its end: how to see the evidence and to repeat it.
[[nodiscard]] inline std::string say_evidence(const harness::Run& run) {
    return "\n  evidence: faultline report " + run.directory +
           "\n  seed:     " + std::to_string(run.seed);
}

/// Whether anything was measured.
[[nodiscard]] inline ::testing::AssertionResult measured(const harness::Run& run) {
    if (!run.error.empty())
        return ::testing::AssertionFailure() << "the scenario was not run: " << run.error;
    for (const harness::Trial& trial : run.trials) {
        if (trial.counts && !trial.control) return ::testing::AssertionSuccess();
    }
    auto failure = ::testing::AssertionFailure()
                   << run.scenario << ": no trial counts, so nothing was measured";
    for (const harness::Trial& trial : run.trials) {
        if (!trial.reason.empty())
            failure << "\n  trial " << trial.number << " " << trial.outcome << ": " << trial.reason;
    }
    return failure << say_evidence(run);
}

/// Why an injection is not as it should be; empty when it is.
using Complaint = std::function<std::string(const harness::Injection&)>;

/// Asks every injection of every trial that counts.
[[nodiscard]] inline ::testing::AssertionResult every_injection(const harness::Run& run,
                                                                const std::string& wanted,
                                                                const Complaint& complaint) {
    if (auto any = measured(run); !any) return any;
    std::size_t trials = 0, bad_trials = 0;
    std::string lines;
    for (const harness::Trial& trial : run.trials) {
        if (!trial.counts || trial.control) continue;
        ++trials;
        bool bad = false;
        for (const harness::Injection& injection : trial.injections) {
            const std::string why = complaint(injection);
            if (why.empty()) continue;
            bad = true;
            lines += "\n  trial " + std::to_string(trial.number) + ", " + injection.fault;
            for (const std::string& instance : injection.on)
                lines += " " + instance;
            lines += ": " + why;
        }
        bad_trials += bad ? 1 : 0;
    }
    if (bad_trials == 0) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << run.scenario << ": " << wanted << ", but not in " << bad_trials << " of " << trials
           << (trials == 1 ? " trial" : " trials") << lines << say_evidence(run);
}

[[nodiscard]] inline ::testing::AssertionResult recovered(const harness::Run& run) {
    return every_injection(run, "should recover", [](const harness::Injection& injection) {
        if (injection.recovery_time) return std::string();
        return injection.censored ? "not recovered in " + say(injection.watched_for)
                                  : std::string("no load told");
    });
}

[[nodiscard]] inline ::testing::AssertionResult recovered_within(const harness::Run& run,
                                                                 harness::Span bound) {
    return every_injection(
        run, "should recover within " + say(bound), [&](const harness::Injection& injection) {
            if (!injection.recovery_time) return "not recovered in " + say(injection.watched_for);
            return *injection.recovery_time <= bound
                       ? std::string()
                       : "recovered after " + say(injection.recovery_time);
        });
}

[[nodiscard]] inline ::testing::AssertionResult detected_within(const harness::Run& run,
                                                                harness::Span bound) {
    return every_injection(
        run, "should be detected within " + say(bound), [&](const harness::Injection& injection) {
            if (!injection.detection_time) return std::string("not detected");
            return *injection.detection_time <= bound
                       ? std::string()
                       : "detected after " + say(injection.detection_time) + " by " +
                             injection.detected_by;
        });
}

[[nodiscard]] inline ::testing::AssertionResult success_rate_at_least(const harness::Run& run,
                                                                      double bound) {
    if (auto any = measured(run); !any) return any;
    if (run.success_rate && *run.success_rate >= bound) return ::testing::AssertionSuccess();
    auto failure = ::testing::AssertionFailure()
                   << run.scenario << ": the mean success rate should be at least " << bound;
    if (run.success_rate) {
        failure << ", but is " << *run.success_rate;
    } else {
        failure << ", but there was no load to tell";
    }
    return failure << say_evidence(run);
}

/// A count of each trial that must be zero.
struct TrialCount {
    std::optional<std::uint64_t> harness::Trial::*count;
    const char* word;       // "lost"
    const char* complaint;  // "acknowledged writes were lost"
    const char* unchecked;  // "no trial checked its writes; the load must write"
};

[[nodiscard]] inline ::testing::AssertionResult none_in_any_trial(const harness::Run& run,
                                                                  const TrialCount& what) {
    if (auto any = measured(run); !any) return any;
    bool checked = false;
    std::string lines;
    for (const harness::Trial& trial : run.trials) {
        const std::optional<std::uint64_t>& count = trial.*what.count;
        if (!count) continue;
        checked = true;
        if (*count > 0)
            lines += "\n  trial " + std::to_string(trial.number) + ": " + std::to_string(*count) +
                     " " + what.word;
    }
    if (checked && lines.empty()) return ::testing::AssertionSuccess();
    if (!checked)
        return ::testing::AssertionFailure()
               << run.scenario << ": " << what.unchecked << say_evidence(run);
    return ::testing::AssertionFailure()
           << run.scenario << ": " << what.complaint << lines << say_evidence(run);
}

[[nodiscard]] inline ::testing::AssertionResult no_lost_writes(const harness::Run& run) {
    return none_in_any_trial(run,
                             {&harness::Trial::lost_writes,
                              "lost",
                              "acknowledged writes were lost",
                              "no trial checked its writes; the load must write"});
}

/// No read returned less than what had certainly happened before it was sent.
[[nodiscard]] inline ::testing::AssertionResult no_stale_reads(const harness::Run& run) {
    return none_in_any_trial(run,
                             {&harness::Trial::stale_reads,
                              "stale",
                              "reads were stale",
                              "no trial checked its reads; the load must read what it writes"});
}

[[nodiscard]] inline ::testing::AssertionResult no_false_detections(const harness::Run& run) {
    if (auto any = measured(run); !any) return any;
    std::string lines;
    for (const harness::Trial& trial : run.trials) {
        if (trial.false_detections > 0)
            lines += "\n  trial " + std::to_string(trial.number) + ": " +
                     std::to_string(trial.false_detections);
    }
    if (lines.empty()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << run.scenario << ": detections while nothing was broken" << lines << say_evidence(run);
}

/// The scenario's own, under "expect". One that is inconclusive does not hold.
[[nodiscard]] inline ::testing::AssertionResult expectations_hold(const harness::Run& run) {
    if (auto any = measured(run); !any) return any;
    std::string lines;
    for (const harness::Expectation& each : run.expectations) {
        if (each.verdict != "pass")
            lines += "\n  " + each.verdict + ": " + each.text + " (" + each.explanation + ")";
    }
    if (run.expectations.empty())
        return ::testing::AssertionFailure() << run.scenario << ": the scenario expects nothing";
    if (lines.empty()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << run.scenario << ": " << run.reason << lines << say_evidence(run);
}

}  // namespace faultline::testing

/// A failure that says what was measured and nothing about C++; more can be streamed into it.
#define FAULTLINE_CHECK_(result, failure)                              \
    GTEST_AMBIGUOUS_ELSE_BLOCKER_                                      \
    if (const ::testing::AssertionResult faultline_result_ = (result)) \
        ;                                                              \
    else                                                               \
        failure() << faultline_result_.message()

#define EXPECT_RECOVERED(run) FAULTLINE_CHECK_(::faultline::testing::recovered(run), ADD_FAILURE)
#define EXPECT_RECOVERED_WITHIN(run, span) \
    FAULTLINE_CHECK_(::faultline::testing::recovered_within(run, span), ADD_FAILURE)
#define EXPECT_DETECTED_WITHIN(run, span) \
    FAULTLINE_CHECK_(::faultline::testing::detected_within(run, span), ADD_FAILURE)
#define EXPECT_SUCCESS_RATE_AT_LEAST(run, share) \
    FAULTLINE_CHECK_(::faultline::testing::success_rate_at_least(run, share), ADD_FAILURE)
#define EXPECT_NO_LOST_WRITES(run) \
    FAULTLINE_CHECK_(::faultline::testing::no_lost_writes(run), ADD_FAILURE)
#define EXPECT_NO_STALE_READS(run) \
    FAULTLINE_CHECK_(::faultline::testing::no_stale_reads(run), ADD_FAILURE)
#define EXPECT_NO_FALSE_DETECTIONS(run) \
    FAULTLINE_CHECK_(::faultline::testing::no_false_detections(run), ADD_FAILURE)
/// The scenario's own expectations hold.
#define EXPECT_EXPECTATIONS(run) \
    FAULTLINE_CHECK_(::faultline::testing::expectations_hold(run), ADD_FAILURE)
/// Ends the test when nothing was measured.
#define ASSERT_MEASURED(run) FAULTLINE_CHECK_(::faultline::testing::measured(run), FAIL)
