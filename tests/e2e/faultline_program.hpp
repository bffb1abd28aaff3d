// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/base/command.hpp"

namespace faultline::e2e {

/// The program as a user starts it, in a folder of its own that goes with the object.
class Workplace {
  public:
    Workplace();
    ~Workplace();
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    /// Writes a file below the folder and returns its path.
    std::filesystem::path write(const std::string& name, const std::string& content) const;
    /// Runs `faultline words...` here to its end (deadline 5 min).
    [[nodiscard]] CommandResult faultline(
        std::vector<std::string> words, std::map<std::string, std::string> environment = {}) const;

  private:
    std::filesystem::path folder_;
};

[[nodiscard]] std::filesystem::path faultline_path();
/// The folder with the shipped scenarios.
[[nodiscard]] std::filesystem::path scenarios_folder();
[[nodiscard]] bool has_program(const std::string& name);

/// What is left on the machine that carries this run-independent mark of the test: processes whose
/// environment holds FAULTLINE_TEST=<mark>, temporary folders and journals made since. Empty:
/// clean.
[[nodiscard]] std::vector<std::string> remains(const std::string& mark);

/// A metronome pair whose secondary takes over, with short windows; `faults` is a JSON array.
[[nodiscard]] std::string pair_scenario(const std::string& faults, const std::string& more = "");
/// One metronome; `faults` is a JSON array.
[[nodiscard]] std::string single_scenario(const std::string& faults, const std::string& more = "");

}  // namespace faultline::e2e
