// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "targets/kvnode/command.hpp"

namespace kvnode {

struct Service;

/// What a connection remembers between commands.
struct ClientState {
    std::uint64_t id = 0;
    std::string name{};
    std::string address{};
    bool quit = false;  // close after the reply
};

/// Answers a command of kind `session`. Requires: its number of words was checked.
[[nodiscard]] std::string answer_session_command(Service& service,
                                                 ClientState& client,
                                                 const CommandInfo& command,
                                                 const Words& words);

}  // namespace kvnode
