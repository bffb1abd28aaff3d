// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvnode {

class Store;

using Words = std::vector<std::string_view>;

/// How a command is carried out.
enum class CommandKind : std::uint8_t {
    write,   // agreed upon, then applied by every node
    read,    // looks at the state, linearisably
    session  // answered by this node at once: PING, INFO, ROLE
};

/// One row of the command table.
struct CommandInfo {
    std::string_view name;  // upper case
    CommandKind kind;
    int words_min;  // with the name
    int words_max;  // 0: no limit
    /// Which words are keys, as COMMAND reports it: first, last (-1: the last), step; 0: none.
    int key_first = 0;
    int key_last = 0;
    int key_step = 0;
    /// write and read: the reply. Session commands are in session_commands.cpp.
    std::string (*run)(Store&, const Words&) = nullptr;
    std::string_view help = "";
};

/// All commands, sorted by name.
[[nodiscard]] std::span<const CommandInfo> commands();
/// Ignores case; null when there is no such command.
[[nodiscard]] const CommandInfo* find_command(std::string_view name);
/// What is wrong with the number of words, or empty.
[[nodiscard]] std::string check_words(const CommandInfo& command, const Words& words);

/// Carries out an agreed write.
[[nodiscard]] std::string apply_command(Store& store, const Words& words);

}  // namespace kvnode
