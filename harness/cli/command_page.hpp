// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace faultline::cli {

/// An option or a positional argument, as `--help` shows it.
struct OptionPage {
    std::vector<std::string> names{};  // "-o", "--out"; of a positional its one name
    std::string value{};               // "FILE"; empty for a flag
    std::vector<std::string> choices{};
    std::string limits{};  // "INT in [0 - 65535]"
    std::string help{};
    std::string standard{};  // what holds without it; empty: nothing, or nothing worth saying
    bool required = false;
    bool repeatable = false;
};

/// A command with everything below it. Manual pages and completions are made from it, so that they
/// never say other things than `--help`.
struct CommandPage {
    std::string name;  // "run"
    std::string about{};
    std::string footer{};
    std::vector<OptionPage> options{};
    std::vector<OptionPage> positionals{};
    std::vector<CommandPage> commands{};
};

/// Requires: `app` has all its options.
[[nodiscard]] CommandPage page_of(const CLI::App& app);

}  // namespace faultline::cli
