// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/cli/commands.hpp"

namespace faultline::cli {
namespace {

// The words are asked of the program itself, so that a completion never lists what is not there.
constexpr const char* bash_script = R"script(_faultline() {
    local current="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}"
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "$(faultline --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p')" -- "$current"))
    elif [[ "$current" == -* ]]; then
        COMPREPLY=($(compgen -W "$(faultline "$command" --help | grep -o -- '--[a-z-]*')" -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}
complete -o filenames -F _faultline faultline
)script";

constexpr const char* zsh_script = "autoload -U +X bashcompinit && bashcompinit\n";

constexpr const char* fish_script = R"script(function __faultline_commands
    faultline --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) *\(.*\)/\1\t\2/p'
end
function __faultline_options
    faultline (commandline -opc)[2] --help | grep -o -- '--[a-z-]*'
end
complete -c faultline -n '__fish_use_subcommand' -f -a '(__faultline_commands)'
complete -c faultline -n 'not __fish_use_subcommand' -a '(__faultline_options)'
)script";

}  // namespace

int completion(const CompletionCommand& command) {
    if (command.shell == "fish") {
        fmt::print("{}", fish_script);
    } else {
        fmt::print("{}{}", command.shell == "zsh" ? zsh_script : "", bash_script);
    }
    return 0;
}

}  // namespace faultline::cli
