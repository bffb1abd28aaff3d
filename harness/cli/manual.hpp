// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/cli/command_page.hpp"

namespace faultline::cli {

/// The manual page faultline(1), which lists the commands.
[[nodiscard]] std::string program_manual(const CommandPage& program);

/// faultline-run(1): one command with its options, and the commands below it.
[[nodiscard]] std::string command_manual(const CommandPage& program, const CommandPage& command);

}  // namespace faultline::cli
