// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/command_line.hpp"

namespace ftcore {
namespace {

std::optional<Asked> flag_of(const std::string& argument) {
    if (argument == "--help" || argument == "-h") return Asked::help;
    if (argument == "--example") return Asked::example;
    if (argument == "--check") return Asked::check;
    if (argument == "--version") return Asked::version;
    return std::nullopt;
}

}  // namespace

CommandLine read_command_line(std::span<const std::string> arguments) {
    CommandLine line;
    bool flags_count = true;
    bool file_may_follow = true;
    for (const std::string& argument : arguments) {
        flags_count = flags_count && argument != "--";
        if (const auto flag = flag_of(argument); flag && flags_count) {
            // The first one counts; help is what somebody who mixes them needs.
            if (line.asked == Asked::run || *flag == Asked::help) line.asked = *flag;
            file_may_follow = !line.file;
            continue;
        }
        if (file_may_follow && !argument.empty() && !argument.starts_with("-")) {
            line.file = argument;
        } else {
            line.options.push_back(argument);
        }
        file_may_follow = false;
    }
    return line;
}

CommandLine read_command_line(int argument_count, const char* const* arguments) {
    const std::vector<std::string> words(arguments + (argument_count > 0 ? 1 : 0),
                                         arguments + argument_count);
    return read_command_line(words);
}

}  // namespace ftcore
