// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/cli/commands.hpp"

namespace faultline::cli {

// How subcommands get their flags. Included by the files of command lines only: CLI11 is slow to
// compile.

inline constexpr const char* set_help =
    "Give a parameter one value, or replace the value at a JSON pointer: name=value, "
    "/load/rate=500/s";
inline constexpr const char* store_help =
    "Where runs are remembered: an SQLite file, a postgresql:// URL, or none (default: "
    "$FAULTLINE_STORE, else results/history.sqlite)";

/// "terminal", "json" and so on: what `--format` may be.
[[nodiscard]] std::vector<std::string> format_names();

/// A subcommand: its flags go into `command`, and choosing it sets `chosen`, unless one of its own
/// subcommands, whose callbacks come first, was chosen.
template <class Command>
CLI::App* add(CLI::App& app,
              const std::string& name,
              const std::string& help,
              int (*carry_out)(const Command&),
              Command& command,
              std::function<int()>& chosen) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->callback([sub, &command, carry_out, &chosen] {
        if (!sub->get_subcommands().empty()) return;
        chosen = [&command, carry_out] { return carry_out(command); };
    });
    return sub;
}

/// What works on runs that were made.
struct ResultCommands {
    CompareCommand compare{};
    GateCommand gate{};
    HistoryCommand history{};
    HistoryImportCommand history_import{};
    TrendCommand trend{};
    ServeCommand serve{};
    BenchCommand bench{};
};
void add_result_commands(CLI::App& app,
                         ResultCommands& commands,
                         std::function<int()>& chosen,
                         const std::vector<std::string>& words);

}  // namespace faultline::cli
