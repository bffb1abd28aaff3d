// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "harness/measure/injection_measures.hpp"

namespace faultline {

using namespace std::chrono_literals;

/// A trial told by hand. Instants are spans from the start of the load; steady state is at 0 and
/// the load asks every 10 ms. Each letter of `say` is one operation:
///   o  good, ends after 1 ms       s  succeeds after 30 ms
///   x  refused after 1 ms          t  times out after 100 ms (unknown)       _  none was asked
struct TrialStory {
    static constexpr Duration arrival = 10ms;
    static constexpr Instant start = Instant(1000s);

    Scenario scenario{};
    Timeline timeline{};
    Duration next{};

    TrialStory() {
        scenario.load = LoadSpec{.driver = "tcp", .rate = 100};
        scenario.recovery = {.success_rate = 1.0, .window = 40ms, .within = 2s};
        scenario.detection_within = 1s;
        scenario.success_window = 100ms;
        timeline.load_start = start;
        timeline.steady = start;
    }

    TrialStory& say(std::string_view letters) {
        for (const char letter : letters) {
            if (letter != '_') add(letter);
            next += arrival;
        }
        timeline.end = start + next;
        return *this;
    }

    TrialStory& repeat(char letter, int count) {
        return say(std::string(static_cast<std::size_t>(count), letter));
    }

    /// At the given moment, by default between the operations said so far and the next.
    TrialStory& inject(const std::string& id = "fault-1") { return inject_at(id, next - 5ms); }
    TrialStory& inject_at(const std::string& id, Duration at) {
        Injection injection{.id = id, .fault = "process.crash"};
        injection.planned = injection.call_begin = start + at - 20us;
        injection.call_end = start + at;
        timeline.injections.push_back(injection);
        return *this;
    }

    TrialStory& signal(Duration at, EventSource source = EventSource::log) {
        timeline.events.push_back({.at = start + at,
                                   .seen = start + at,
                                   .source = source,
                                   .name = "down",
                                   .instance = "kv[1]",
                                   .signal = 0});
        return *this;
    }

    TrialStory& tell(Duration at, const std::string& name, std::string cause = "") {
        Event event{.at = start + at, .seen = start + at, .source = EventSource::target};
        event.name = name;
        if (!cause.empty()) event.fields["cause"] = std::move(cause);
        timeline.events.push_back(event);
        return *this;
    }

    [[nodiscard]] TrialMeasures measure(bool control = false) const {
        return measure_trial(scenario, timeline, control);
    }
    [[nodiscard]] InjectionMeasures first() const { return measure().injections.at(0); }

  private:
    void add(char letter) {
        Operation operation;
        operation.intended_ns = nanoseconds_of(start + next);
        Duration took = 1ms;
        if (letter == 'o') {
            operation.outcome = Outcome::ok;
        } else if (letter == 's') {
            operation.outcome = Outcome::ok;
            took = 30ms;
        } else if (letter == 'x') {
            operation.outcome = Outcome::failed;
            operation.failure = Failure::refused;
        } else {
            FL_CHECK(letter == 't');
            operation.outcome = Outcome::unknown;
            operation.failure = Failure::timeout;
            took = 100ms;
        }
        operation.end_ns = operation.intended_ns + took.count();
        timeline.operations.push_back(operation);
    }
};

}  // namespace faultline
