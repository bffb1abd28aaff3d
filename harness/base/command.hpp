// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline {

/// An auxiliary command: exec probes and operations, hooks, notifications. Targets go through
/// launch/.
struct Command {
    std::vector<std::string> words;                    // program (looked up in PATH) and arguments
    std::map<std::string, std::string> environment{};  // added to the harness' own
    std::string folder{};                              // empty: the current one
    std::string input{};                               // given on standard input
    Duration timeout = std::chrono::seconds(10);
    std::size_t output_bytes_max = 1 << 20;  // the rest is read and dropped
};

struct CommandResult {
    std::optional<int> exit_code;  // absent when a signal ended it
    std::optional<int> signal;
    bool timed_out = false;  // it was killed with everything it started
    std::string output{};
    std::string error_output{};
    Duration took{};
};

/// Runs `command` to its end, through Boost.Process, leaking no descriptor into it. The command
/// leads a process group of its own; at the timeout the whole group is killed. Errors: the program
/// cannot be started. Thread: any; blocks.
[[nodiscard]] Result<CommandResult> run_command(const Command& command);

}  // namespace faultline
