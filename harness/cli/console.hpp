// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"
#include "harness/scenario/diagnostic.hpp"
#include "harness/scenario/model.hpp"

namespace faultline::cli {

/// What standard output is: a terminal gets colour (unless NO_COLOR) and a live line.
struct Console {
    bool terminal = false;
    bool colour = false;
    int width = 100;
};
[[nodiscard]] Console find_console();

/// Prints "faultline: message" to standard error and returns `code`.
int complain(const std::string& message, int code);

/// Writes every mistake to standard error, then how many there were. Returns the usage exit code.
int complain(const Diagnostics& diagnostics);

/// "name=value" words as a map. Errors: a word without '='.
[[nodiscard]] Result<std::map<std::string, std::string>> parse_settings(
    const std::vector<std::string>& words);

/// Files as they are and the scenarios below folders, sorted; "schema" folders and files whose name
/// starts with '_' (bases for "extends") are left out. Errors: a path that is not there, an empty
/// folder.
[[nodiscard]] Result<std::vector<std::filesystem::path>> find_scenarios(
    const std::vector<std::filesystem::path>& paths);

/// All cases of all files, or all their mistakes.
struct Loaded {
    std::vector<Scenario> cases;
    Diagnostics diagnostics;
};
[[nodiscard]] Loaded load_all(const std::vector<std::filesystem::path>& files,
                              const std::map<std::string, std::string>& settings);

/// Prints a run in a format of --format, one that shows a single trial with the one asked for.
/// Errors: an unknown format.
[[nodiscard]] Result<> print_run(const RunRecord& run,
                                 const std::string& format,
                                 const std::filesystem::path& directory,
                                 std::optional<int> trial = std::nullopt);
/// Writes every renderer's file into the result directory.
[[nodiscard]] Result<> write_reports(const RunRecord& run, const std::filesystem::path& directory);

}  // namespace faultline::cli
