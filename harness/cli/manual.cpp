// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/manual.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/base/nearest.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/run/version.hpp"

namespace faultline::cli {
namespace {

/// Text as it is in a page. Source: groff(7), "Escape sequences".
std::string roff(const std::string& text) {
    std::string escaped;
    bool line_begins = true;
    for (const char letter : text) {
        if (line_begins && (letter == '.' || letter == '\'')) escaped += "\\&";
        line_begins = letter == '\n';
        if (letter == '\\') {
            escaped += "\\(rs";
        } else if (letter == '-') {
            escaped += "\\-";
        } else if (letter == '\'') {
            escaped += "\\(aq";
        } else if (letter == '^') {
            escaped += "\\(ha";
        } else if (letter == '~') {
            escaped += "\\(ti";
        } else if (letter == '`') {
            escaped += "\\(ga";
        } else {
            escaped += letter;
        }
    }
    return escaped;
}

std::string heading(const std::string& name) {
    return fmt::format(".TH \"{}\" \"1\" \"\" \"faultline {}\" \"User Commands\"\n",
                       roff(name),
                       faultline_version);
}

/// In one line: "Breaks real processes on purpose and measures how ...".
std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::string option_entry(const OptionPage& option) {
    std::string entry = ".TP\n";
    for (std::size_t i = 0; i < option.names.size(); ++i)
        entry += fmt::format("{}\\fB{}\\fR", i == 0 ? "" : ", ", roff(option.names[i]));
    if (!option.value.empty()) entry += fmt::format(" \\fI{}\\fR", roff(option.value));
    entry += "\n" + roff(option.help);
    if (!option.choices.empty()) {
        entry += "\nOne of ";
        for (std::size_t i = 0; i < option.choices.size(); ++i)
            entry += fmt::format("{}\\fB{}\\fR", i == 0 ? "" : ", ", roff(option.choices[i]));
        entry += ".";
    }
    if (!option.limits.empty()) entry += fmt::format("\n({}.)", roff(option.limits));
    if (option.repeatable) entry += "\nMay be given several times.";
    if (!option.standard.empty())
        entry += fmt::format("\nDefault: \\fB{}\\fR.", roff(option.standard));
    return entry + "\n";
}

std::string synopsis(const std::string& words, const CommandPage& command) {
    std::string line = fmt::format("\\fB{}\\fR", roff(words));
    if (!command.options.empty()) line += " [\\fIOPTION\\fR]...";
    for (const OptionPage& positional : command.positionals) {
        std::string name = fmt::format("\\fI{}\\fR", roff(positional.names.front()));
        if (positional.repeatable) name += "...";
        line += positional.required ? " " + name : " [" + name + "]";
    }
    return line + "\n";
}

/// What follows the options in the help: examples and notes, line by line.
std::string notes(const CommandPage& command) {
    if (command.footer.empty()) return {};
    return ".SH NOTES\n.nf\n" + roff(command.footer) + "\n.fi\n";
}

std::string arguments(const CommandPage& command) {
    std::string text;
    for (const OptionPage& positional : command.positionals)
        text += option_entry(positional);
    for (const OptionPage& option : command.options)
        text += option_entry(option);
    return text;
}

std::string see_also(const CommandPage& program, const std::string& but) {
    std::string text = ".SH SEE ALSO\n";
    std::string between;
    const auto refer = [&](const std::string& name) {
        text += fmt::format("{}.BR {} (1)", between, roff(name));
        between = " ,\n";
    };
    if (!but.empty()) refer("faultline");
    for (const CommandPage& command : program.commands) {
        if (command.name != but) refer("faultline-" + command.name);
    }
    return text + "\n";
}

}  // namespace

std::string program_manual(const CommandPage& program) {
    std::string text = heading("FAULTLINE");
    text += ".SH NAME\nfaultline \\- inject faults and measure detection and recovery\n";
    text += ".SH SYNOPSIS\n\\fBfaultline\\fR \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...\n";
    text += ".SH DESCRIPTION\n" + roff(program.about) + "\n";
    text += ".SH COMMANDS\n";
    for (const CommandPage& command : program.commands)
        text += fmt::format(".TP\n\\fB{}\\fR\n{}.\n", roff(command.name), roff(command.about));
    text += ".SH OPTIONS\n" + arguments(program);
    return text + notes(program) + see_also(program, "");
}

std::string command_manual(const CommandPage& program, const CommandPage& command) {
    const std::string name = "faultline-" + command.name;
    std::string upper = name;
    std::ranges::transform(upper, upper.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    std::string text = heading(upper);
    text += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(one_line(command.about)));
    text += ".SH SYNOPSIS\n" + synopsis("faultline " + command.name, command);
    for (const CommandPage& below : command.commands) {
        text += ".br\n";
        text += synopsis(fmt::format("faultline {} {}", command.name, below.name), below);
    }
    text += ".SH DESCRIPTION\n" + roff(command.about) + ".\n";
    text += ".SH OPTIONS\n" + arguments(command);
    for (const CommandPage& below : command.commands) {
        text += fmt::format(".SH \"THE COMMAND {}\"\n{}.\n", roff(below.name), roff(below.about));
        text += arguments(below);
    }
    return text + notes(command) + see_also(program, command.name);
}

namespace {

Result<> write_pages(const CommandPage& program, const std::filesystem::path& folder) {
    FL_TRY_VOID(make_folder(folder));
    FL_TRY_VOID(write_file(folder / "faultline.1", program_manual(program)));
    for (const CommandPage& command : program.commands) {
        FL_TRY_VOID(write_file(folder / fmt::format("faultline-{}.1", command.name),
                               command_manual(program, command)));
    }
    return {};
}

}  // namespace

int manual(const ManualCommand& command) {
    const CommandPage program = command.describe();
    if (!command.folder.empty()) {
        if (auto written = write_pages(program, command.folder); !written)
            return complain(written.error().message, exit_code_of(RunOutcome::harness_error));
        return 0;
    }
    if (command.name.empty()) {
        fmt::print("{}", program_manual(program));
        return 0;
    }
    const auto found = std::ranges::find(program.commands, command.name, &CommandPage::name);
    if (found == program.commands.end()) {
        std::vector<std::string> names;
        for (const CommandPage& each : program.commands)
            names.push_back(each.name);
        return complain(
            fmt::format("there is no command {}{}", command.name, suggestion(command.name, names)),
            exit_code_of(RunOutcome::usage));
    }
    fmt::print("{}", command_manual(program, *found));
    return 0;
}

}  // namespace faultline::cli
