// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/launch/guardian.hpp"
#include "harness/result/record.hpp"
#include "harness/run/interruption.hpp"

namespace faultline {

/// The error of one kind of figure against the truth. Units: nanoseconds.
struct ErrorFigures {
    std::string name;     // "detection_error_event"
    std::string meaning;  // one line
    std::size_t n = 0;
    double p50 = 0, p90 = 0, p99 = 0, max = 0;
};

/// All figures under one condition of the machine.
struct CalibrationCondition {
    std::string name;  // "idle" or "busy"
    std::vector<ErrorFigures> figures;
};

struct CalibrationOptions {
    int cycles = 100;  // failures per condition
    bool busy = true;  // also with every core busy
    std::uint64_t seed = 1;
};

/// Lets the metronome fail, detect and recover at instants it logs itself, measures it as any
/// target is measured, and compares: how late injections are, how wrong detection (by event, log
/// line and probe) and recovery are, how far the load lags, how late the machine wakes a sleeper.
/// Errors: the metronome does not start or does not log.
[[nodiscard]] Result<std::vector<CalibrationCondition>> calibrate(
    const CalibrationOptions& options,
    Guardian& guardian,
    Interruption& interruption,
    const std::function<void(const std::string&)>& on_phase);

/// The three figures that reports carry, from the idle condition.
[[nodiscard]] InstrumentError instrument_error_of(
    const std::vector<CalibrationCondition>& conditions, const std::string& when);

/// All figures as JSON, and back is not needed.
[[nodiscard]] std::string encode_calibration(const std::vector<CalibrationCondition>& conditions);

}  // namespace faultline
