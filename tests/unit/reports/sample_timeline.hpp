// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/timeline/timeline.hpp"

namespace faultline::reports {

inline constexpr std::size_t sample_operations = 1000;    // one a millisecond, half of them before
inline constexpr std::size_t sample_bad_operations = 50;  // refused, from the injection on
inline constexpr std::int64_t sample_t0_ns = 10'000'000'000;

/// One second around a crash of kv[0], the primary, in the middle; kv[1] takes over after 40 ms.
inline Timeline sample_timeline() {
    using std::chrono::milliseconds;
    const Instant t0 = instant_of(sample_t0_ns);
    Timeline timeline;
    timeline.load_start = t0 - milliseconds(500);
    timeline.steady = t0 - milliseconds(300);
    timeline.end = t0 + milliseconds(500);
    timeline.operation_kinds = {"set"};
    for (std::size_t index = 0; index < sample_operations; ++index) {
        const Instant intended = timeline.load_start + milliseconds(index);
        const bool bad = index >= 500 && index < 500 + sample_bad_operations;
        timeline.operations.push_back({.intended_ns = nanoseconds_of(intended),
                                       .end_ns = nanoseconds_of(intended + milliseconds(2)),
                                       .outcome = bad ? Outcome::failed : Outcome::ok,
                                       .failure = bad ? Failure::refused : Failure::none});
    }
    const auto event = [&](milliseconds at, EventSource source, std::string name, std::string who) {
        timeline.events.push_back({.at = t0 + at,
                                   .seen = t0 + at,
                                   .source = source,
                                   .name = std::move(name),
                                   .instance = std::move(who)});
        return &timeline.events.back().fields;
    };
    (*event(milliseconds(-600), EventSource::probe, "role", "kv[0]"))["role"] = "primary";
    (*event(milliseconds(-600), EventSource::probe, "role", "kv[1]"))["role"] = "secondary";
    event(milliseconds(1), EventSource::exit, "exit", "kv[0]");
    event(milliseconds(20), EventSource::target, "detected", "kv[1]");
    timeline.events.back().signal = 0;
    (*event(milliseconds(40), EventSource::probe, "role", "kv[1]"))["role"] = "primary";
    Injection injection;
    injection.id = "fault-1";
    injection.fault = "process.crash";
    injection.on = {"kv[0]"};
    injection.call_begin = injection.call_end = t0;
    timeline.injections.push_back(injection);
    return timeline;
}

}  // namespace faultline::reports
