// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"

namespace faultline {

/// A made-up run of the metronome pair whose primary is killed: as large and as odd as asked, for
/// tests and benchmarks of what reads runs. The same options give the same run.
struct SyntheticOptions {
    int trials = 20;
    int control = 2;
    std::uint64_t seed = 1;
    std::string name = "synthetic-pair-crash";
    std::string run_id{};  // empty: made of name and seed
    std::string started = "2026-11-22T10:15:00Z";
    double detection_ms = 50;  // medians; the spread is about a tenth
    double recovery_ms = 120;
    double spread = 0.1;  // standard deviation of the logarithms
    double success_rate = 0.8;
    double masked = 0;       // share of trials in which nobody noticed anything
    double unrecovered = 0;  // share of trials that never came back
    double undetected = 0;
    double disturbed = 0;  // share of trials that moved by themselves
    double losing = 0;     // share of trials that lose writes
    std::optional<std::string> cpu{};
    std::size_t operations = 0;  // per trial, in a timeline beside the record; 0: no timeline
};

/// The run with its trials and its summary.
[[nodiscard]] RunRecord synthetic_run(const SyntheticOptions& options);
/// What one of its trials saw.
[[nodiscard]] Timeline synthetic_timeline(const SyntheticOptions& options,
                                          const TrialRecord& trial);
/// The run as a result directory, as `faultline run` leaves one.
[[nodiscard]] Result<> write_synthetic_run(const SyntheticOptions& options,
                                           const std::filesystem::path& directory);

}  // namespace faultline
