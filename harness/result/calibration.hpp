// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"

namespace faultline {

/// What `faultline calibrate` found on a machine.
struct Calibration {
    InstrumentError instrument;  // the figures that every report carries
    std::string figures_json{};  // all of them, a JSON value; empty: none
};

/// What makes two machines the same instrument: host name, CPU model, number of cores, kernel.
/// "box / AMD EPYC 7B13 / 8 cores / Linux 6.1.0-18-amd64"
[[nodiscard]] std::string machine_fingerprint();

/// $XDG_STATE_HOME/faultline/calibration.json, else ~/.local/state/faultline/calibration.json.
/// Absent when neither variable names an absolute folder.
/// Source: XDG Base Directory Specification 0.8.
[[nodiscard]] std::optional<std::filesystem::path> calibration_file();

/// Keeps `calibration` for `machine`, beside those of other machines that share the home folder.
[[nodiscard]] Result<> store_calibration(const std::filesystem::path& file,
                                         const std::string& machine,
                                         const Calibration& calibration);

/// Absent: `machine` was never calibrated. Errors: another version, not such a file.
[[nodiscard]] Result<std::optional<Calibration>> load_calibration(const std::filesystem::path& file,
                                                                  const std::string& machine);

/// The instrument error of this machine as stored, or an empty one.
[[nodiscard]] InstrumentError stored_instrument_error();

}  // namespace faultline
