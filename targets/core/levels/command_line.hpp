// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ftcore {

/// What a program is asked for: to run, or to say something and end.
enum class Asked : std::uint8_t { run, help, example, check, version };

/// `program [FILE] [--name value...]`, and instead of running: --help (-h), --example, --check,
/// --version.
struct CommandLine {
    Asked asked = Asked::run;
    std::optional<std::filesystem::path> file{};
    std::vector<std::string> options{};  // for `read_settings`
};

/// Shape: `arguments` without the program's name. The file is the first argument, or the one right
/// behind a flag such as --check; flags count up to a bare `--`, behind which a command's own words
/// stand. What makes no sense is left in `options`, where `read_settings` says so.
[[nodiscard]] CommandLine read_command_line(std::span<const std::string> arguments);
[[nodiscard]] CommandLine read_command_line(int argument_count, const char* const* arguments);

}  // namespace ftcore
