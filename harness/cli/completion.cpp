// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/command_page.hpp"
#include "harness/cli/commands.hpp"

// Scripts with every word in them, so that a completion starts no program.

namespace faultline::cli {
namespace {

/// In single quotes of a shell, in which nothing means anything but their end.
std::string shell_quoted(const std::string& text) {
    std::string out = "'";
    for (const char letter : text)
        out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return out + "'";
}

bool is_folder(const OptionPage& option) {
    return option.value == "DIR";
}
bool is_file(const OptionPage& option) {
    return option.value == "FILE" || option.value == "DIR";
}

std::vector<std::string> names_of(const std::vector<OptionPage>& options) {
    std::vector<std::string> names;
    for (const OptionPage& option : options)
        names.insert(names.end(), option.names.begin(), option.names.end());
    return names;
}

std::vector<std::string> names_of(const std::vector<CommandPage>& commands) {
    std::vector<std::string> names;
    for (const CommandPage& command : commands)
        names.push_back(command.name);
    return names;
}

/// What may stand where a command has no option: its own commands and what its arguments may be.
std::vector<std::string> words_of(const CommandPage& command) {
    std::vector<std::string> words = names_of(command.commands);
    for (const OptionPage& positional : command.positionals)
        words.insert(words.end(), positional.choices.begin(), positional.choices.end());
    return words;
}

// ---- bash

constexpr std::string_view bash_begin = R"(_faultline() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" options='' words='' files=
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
)";

constexpr std::string_view bash_end = R"(    esac
    if [[ "$current" == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        [ -z "$files" ] || COMPREPLY+=($(compgen -f -- "$current"))
    fi
}
complete -o filenames -F _faultline faultline
)";

std::string bash_command(const CommandPage& command) {
    const bool files = std::ranges::any_of(command.positionals, is_file) ||
                       command.positionals.empty() || command.name == "manual";
    std::string text =
        fmt::format("    {})\n        options={}\n        words={}\n",
                    command.name,
                    shell_quoted(fmt::format("{}", fmt::join(names_of(command.options), " "))),
                    shell_quoted(fmt::format("{}", fmt::join(words_of(command), " "))));
    if (files || words_of(command).empty()) text += "        files=1\n";
    std::string values;
    for (const OptionPage& option : command.options) {
        const std::string names = fmt::format("{}", fmt::join(option.names, "|"));
        if (!option.choices.empty()) {
            values +=
                fmt::format("        {}) COMPREPLY=($(compgen -W {} -- \"$current\")); return ;;\n",
                            names,
                            shell_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        } else if (!option.value.empty()) {
            values +=
                fmt::format("        {}) COMPREPLY=($(compgen -{} -- \"$current\")); return ;;\n",
                            names,
                            is_folder(option) ? "d" : "f");
        }
    }
    if (!values.empty()) text += "        case \"$previous\" in\n" + values + "        esac\n";
    return text + "        ;;\n";
}

std::string bash_script(const CommandPage& program) {
    std::string text(bash_begin);
    text += fmt::format(
        "        COMPREPLY=($(compgen -W {} -- \"$current\"))\n        return\n    fi\n",
        shell_quoted(fmt::format("{} {}",
                                 fmt::join(names_of(program.commands), " "),
                                 fmt::join(names_of(program.options), " "))));
    text += "    case \"${COMP_WORDS[1]}\" in\n";
    for (const CommandPage& command : program.commands)
        text += bash_command(command);
    return text + std::string(bash_end);
}

// ---- zsh. Source: zshcompsys(1), "_arguments" and "_describe".

/// Brackets and colons end a description.
std::string zsh_text(const std::string& text) {
    std::string out;
    for (const char letter : text) {
        if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') out += '\\';
        out += letter == '\n' ? ' ' : letter;
    }
    return out;
}

std::string zsh_values(const OptionPage& option) {
    if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
    if (is_folder(option)) return "_files -/";
    return is_file(option) ? "_files" : " ";
}

std::string zsh_option(const OptionPage& option) {
    std::string text;
    for (const std::string& name : option.names) {
        std::string spec = option.repeatable ? "*" : "";
        spec += fmt::format("{}[{}]", name, zsh_text(option.help));
        if (!option.value.empty())
            spec += fmt::format(":{}:{}", zsh_text(option.value), zsh_values(option));
        text += " \\\n        " + shell_quoted(spec);
    }
    return text;
}

std::string zsh_command(const CommandPage& command) {
    std::string text = fmt::format("    {})\n      _arguments", command.name);
    for (const OptionPage& option : command.options)
        text += zsh_option(option);
    const auto words = names_of(command.commands);
    if (!words.empty()) {
        text +=
            " \\\n        " + shell_quoted(fmt::format("1:command:({})", fmt::join(words, " ")));
    } else {
        for (const OptionPage& positional : command.positionals) {
            text += " \\\n        " + shell_quoted(fmt::format("{}:{}:{}",
                                                               positional.repeatable ? "*" : "",
                                                               zsh_text(positional.names.front()),
                                                               zsh_values(positional)));
        }
    }
    return text + "\n      ;;\n";
}

std::string zsh_script(const CommandPage& program) {
    std::string text = "#compdef faultline\n_faultline() {\n  local -a commands\n  commands=(\n";
    for (const CommandPage& command : program.commands)
        text += "    " + shell_quoted(command.name + ":" + zsh_text(command.about)) + "\n";
    text +=
        "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
        "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
    for (const CommandPage& command : program.commands)
        text += zsh_command(command);
    // Sourced it registers itself; found in $fpath it is called.
    return text +
           "  esac\n}\n"
           "if [ \"$funcstack[1]\" = \"_faultline\" ]; then _faultline \"$@\"; else compdef "
           "_faultline faultline; fi\n";
}

// ---- fish. Source: complete(1).

std::string fish_option(const std::string& condition, const OptionPage& option) {
    std::string text = "complete -c faultline -n " + shell_quoted(condition);
    for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (!option.choices.empty()) {
        text += " -x -a " + shell_quoted(fmt::format("{}", fmt::join(option.choices, " ")));
    } else if (is_folder(option)) {
        text += " -x -a '(__fish_complete_directories)'";
    } else if (!option.value.empty()) {
        text += " -r";
    }
    return text + " -d " + shell_quoted(option.help) + "\n";
}

std::string fish_script(const CommandPage& program) {
    std::string text;
    for (const OptionPage& option : program.options)
        text += fish_option("__fish_use_subcommand", option);
    for (const CommandPage& command : program.commands) {
        text += fmt::format("complete -c faultline -f -n '__fish_use_subcommand' -a {} -d {}\n",
                            command.name,
                            shell_quoted(command.about));
        const std::string inside = "__fish_seen_subcommand_from " + command.name;
        for (const OptionPage& option : command.options)
            text += fish_option(inside, option);
        const auto words = words_of(command);
        if (!words.empty()) {
            text += fmt::format("complete -c faultline -n {} -a {}\n",
                                shell_quoted(inside),
                                shell_quoted(fmt::format("{}", fmt::join(words, " "))));
        }
    }
    return text;
}

}  // namespace

int completion(const CompletionCommand& command) {
    const CommandPage program = command.describe();
    if (command.shell == "fish") {
        fmt::print("{}", fish_script(program));
    } else if (command.shell == "zsh") {
        fmt::print("{}", zsh_script(program));
    } else {
        fmt::print("{}", bash_script(program));
    }
    return 0;
}

}  // namespace faultline::cli
