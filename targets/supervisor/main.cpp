// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <fmt/format.h>

#include "targets/core/levels/command_line.hpp"
#include "targets/supervisor/program.hpp"
#include "targets/supervisor/settings.hpp"

namespace ftsupervisor {
namespace {

// Documented in `help`.
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_gave_up = 3;
constexpr int exit_not_started = 4;

int exit_code_of(ftcore::Ending ending) {
    switch (ending) {
        case ftcore::Ending::stopped:
        case ftcore::Ending::all_ended:
            return 0;
        case ftcore::Ending::gave_up:
            return exit_gave_up;
        case ftcore::Ending::not_started:
            break;
    }
    return exit_not_started;
}

int say_mistakes(const std::vector<std::string>& mistakes) {
    for (const std::string& mistake : mistakes)
        fmt::print(stderr, "ftsupervisor: {}\n", mistake);
    return exit_usage;
}

int supervise(Settings settings) {
    auto program = Program::open(std::move(settings));
    if (!program) {
        fmt::print(stderr, "ftsupervisor: {}\n", program.error().message);
        return exit_failed;
    }
    const auto ending = (*program)->run();
    if (!ending) {
        fmt::print(stderr, "ftsupervisor: {}\n", ending.error().message);
        return exit_failed;
    }
    return exit_code_of(*ending);
}

int run(const ftcore::CommandLine& line) {
    switch (line.asked) {
        case ftcore::Asked::help:
            fmt::print("{}", help());
            return 0;
        case ftcore::Asked::example:
            fmt::print("{}", example());
            return 0;
        case ftcore::Asked::version:
            fmt::print("ftsupervisor {}\n", FAULTLINE_VERSION);
            return 0;
        case ftcore::Asked::check:
        case ftcore::Asked::run:
            break;
    }
    auto read = read_settings(line);
    if (!read.mistakes.empty()) return say_mistakes(read.mistakes);
    if (line.asked == ftcore::Asked::check) {
        fmt::print("{}: no mistakes; children: {}\n",
                   line.file ? line.file->string() : "command line",
                   read.settings.children.size());
        return 0;
    }
    return supervise(std::move(read.settings));
}

}  // namespace
}  // namespace ftsupervisor

int main(int argc, char** argv) {
    return ftsupervisor::run(ftcore::read_command_line(argc, argv));
}
