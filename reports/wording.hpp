// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/result/record.hpp"

namespace faultline::reports {

// How reports say things: the same figure reads the same in each of them.

/// "1.05 s"; "-" when absent. Units: nanoseconds.
[[nodiscard]] std::string say_span(const std::optional<double>& nanoseconds);
[[nodiscard]] std::string say_span(const std::optional<Duration>& span);
[[nodiscard]] std::string say_share(const std::optional<double>& share);
/// "1 min 42 s": spans that people wait for.
[[nodiscard]] std::string say_wait(Duration span);

/// "[1.04 s, 1.06 s]"; an end that n cannot close is open and says so: "[1.06 s, open)".
[[nodiscard]] std::string say_span_interval(const Interval& interval);
[[nodiscard]] std::string say_share_interval(const Interval& interval);

/// The value and the interval of an expectation in the unit of its measure.
[[nodiscard]] std::string say_value(const ExpectationResult& expectation);
[[nodiscard]] std::string say_bound(const ExpectationResult& expectation);

/// "PASS"; "UNFINISHED" for a run without a summary.
[[nodiscard]] std::string say_verdict(const RunRecord& run);
/// "20 trials + 2 control, 1 min 42 s".
[[nodiscard]] std::string say_extent(const RunRecord& run);
/// "injection lateness p99 30 us, ... (calibrated 2026-11-21)", or how to calibrate.
[[nodiscard]] std::string say_instrument(const InstrumentError& instrument);
/// What was hit: "kv[0], kv[1]"; many in short: "6 links: kv[0]->kv[1].peer, ...".
[[nodiscard]] std::string say_hit(const std::vector<std::string>& names);
/// Words as a shell reads them.
[[nodiscard]] std::string say_command(const std::vector<std::string>& words);

/// Why a trial is left out of the measures: "unhealthy: redis[1] was not ...".
[[nodiscard]] std::string say_invalid(const TrialRecord& trial);
/// Why the figures of a trial that counts are not what they seem; empty when they are.
[[nodiscard]] std::string say_reservation(const TrialRecord& trial);

}  // namespace faultline::reports
