// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/command.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "harness/base/resp_reply.hpp"
#include "targets/kvnode/data_commands.hpp"

namespace kvnode {

namespace reply = faultline::resp_reply;

namespace {

using enum CommandKind;

constexpr std::array table = {
    CommandInfo{"APPEND", write, 3, 3, 1, 1, 1, run_append, "key value: adds to the end"},
    CommandInfo{"CLIENT", session, 2, 0, 0, 0, 0, nullptr, "GETNAME, ID, INFO, SETINFO, SETNAME"},
    CommandInfo{"COMMAND", session, 1, 0, 0, 0, 0, nullptr, "COUNT, DOCS, INFO, LIST"},
    CommandInfo{"CONFIG", session, 2, 0, 0, 0, 0, nullptr, "GET pattern"},
    CommandInfo{"DBSIZE", read, 1, 1, 0, 0, 0, run_dbsize, "how many keys there are"},
    CommandInfo{"DECR", write, 2, 2, 1, 1, 1, run_decr, "key"},
    CommandInfo{"DECRBY", write, 3, 3, 1, 1, 1, run_decrby, "key decrement"},
    CommandInfo{"DEL", write, 2, 0, 1, -1, 1, run_del, "key..."},
    CommandInfo{"ECHO", session, 2, 2, 0, 0, 0, nullptr, "message"},
    CommandInfo{"EXISTS", read, 2, 0, 1, -1, 1, run_exists, "key..."},
    CommandInfo{"FAILOVER",
                session,
                1,
                6,
                0,
                0,
                0,
                nullptr,
                "[TO host port] [TIMEOUT ms] | ABORT: hands the lead over"},
    CommandInfo{"FT.ERRORS", session, 1, 1, 0, 0, 0, nullptr, "errors of this node, newest first"},
    CommandInfo{"FT.HISTORY", session, 1, 1, 0, 0, 0, nullptr, "its life cycle, newest first"},
    CommandInfo{"FT.STATUS", session, 1, 1, 0, 0, 0, nullptr, "what it is, diagnoses, recoveries"},
    CommandInfo{"GET", read, 2, 2, 1, 1, 1, run_get, "key"},
    CommandInfo{"GETDEL", write, 2, 2, 1, 1, 1, run_getdel, "key"},
    CommandInfo{"HELLO", session, 1, 0, 0, 0, 0, nullptr, "[2]"},
    CommandInfo{"INCR", write, 2, 2, 1, 1, 1, run_incr, "key"},
    CommandInfo{"INCRBY", write, 3, 3, 1, 1, 1, run_incrby, "key increment"},
    CommandInfo{"INFO", session, 1, 0, 0, 0, 0, nullptr, "[section]"},
    CommandInfo{"MGET", read, 2, 0, 1, -1, 1, run_mget, "key..."},
    CommandInfo{"MSET", write, 3, 0, 1, -1, 2, run_mset, "key value..."},
    CommandInfo{"PING", session, 1, 2, 0, 0, 0, nullptr, "[message]"},
    CommandInfo{"QUIT", session, 1, 1, 0, 0, 0, nullptr, ""},
    CommandInfo{"RESET", session, 1, 1, 0, 0, 0, nullptr, ""},
    CommandInfo{"ROLE", session, 1, 1, 0, 0, 0, nullptr, "master or slave, as Redis answers it"},
    CommandInfo{"SELECT", session, 2, 2, 0, 0, 0, nullptr, "0"},
    CommandInfo{"SET", write, 3, 6, 1, 1, 1, run_set, "key value [NX|XX] [GET]"},
    CommandInfo{"SETNX", write, 3, 3, 1, 1, 1, run_setnx, "key value"},
    CommandInfo{"STRLEN", read, 2, 2, 1, 1, 1, run_strlen, "key"},
};
static_assert(std::is_sorted(table.begin(), table.end(), [](const auto& a, const auto& b) {
    return a.name < b.name;
}));

constexpr std::size_t name_bytes_max = 16;

}  // namespace

std::span<const CommandInfo> commands() {
    return table;
}

const CommandInfo* find_command(std::string_view name) {
    if (name.size() > name_bytes_max) return nullptr;
    std::string upper(name);
    for (char& byte : upper) {
        if (byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 'a' + 'A');
    }
    const auto at =
        std::lower_bound(table.begin(), table.end(), upper, [](const auto& row, const auto& text) {
            return row.name < text;
        });
    return at != table.end() && at->name == upper ? &*at : nullptr;
}

std::string check_words(const CommandInfo& command, const Words& words) {
    const int count = static_cast<int>(words.size());
    if (count >= command.words_min && (command.words_max == 0 || count <= command.words_max))
        return {};
    std::string lower(command.name);
    for (char& byte : lower) {
        if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
    }
    return fmt::format("ERR wrong number of arguments for '{}' command", lower);
}

std::string apply_command(Store& store, const Words& words) {
    const CommandInfo* const command = find_command(words.front());
    if (command == nullptr || command->kind != CommandKind::write ||
        !check_words(*command, words).empty())
        return reply::error("ERR an agreed command is not known here: upgrade this node");
    return command->run(store, words);
}

}  // namespace kvnode
