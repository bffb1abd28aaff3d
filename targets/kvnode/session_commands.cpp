// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/session_commands.hpp"

#include <algorithm>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/resp_reply.hpp"
#include "targets/core/levels/level.hpp"
#include "targets/kvnode/failover_command.hpp"
#include "targets/kvnode/service.hpp"

namespace kvnode {

namespace reply = faultline::resp_reply;

namespace {

std::string upper(std::string_view word) {
    std::string text(word);
    for (char& byte : text) {
        if (byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 'a' + 'A');
    }
    return text;
}

std::string lower(std::string_view word) {
    std::string text(word);
    for (char& byte : text) {
        if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
    }
    return text;
}

std::string lines(const std::vector<std::string>& texts) {
    std::string out = reply::array(texts.size());
    for (const std::string& text : texts)
        out += reply::bulk(text);
    return out;
}

/// It serves, or follows a primary and has what that one has.
bool is_ready(const ftcore::NodeStatus& status) {
    constexpr ftcore::Index behind_max = 1000;
    return status.serving ||
           (status.role == ftcore::Role::follower && status.leader != ftcore::nobody &&
            status.applied + behind_max >= status.commit);
}

// ---- ROLE and INFO, as Redis answers them

std::string role(const Service& service) {
    const ftcore::NodeStatus status = service.node.status();
    if (status.serving) {
        std::string replicas;
        std::size_t count = 0;
        for (const auto& peer : status.peers) {
            const auto& members = service.node.settings().members;
            const auto member = std::find_if(
                members.begin(), members.end(), [&](const auto& one) { return one.id == peer.id; });
            if (member == members.end() || member->witness ||
                peer.id == service.node.settings().self)
                continue;
            ++count;
            replicas += reply::array(3) + reply::bulk(member->host_for_clients()) +
                        reply::bulk(std::to_string(member->client_port)) +
                        reply::bulk(std::to_string(peer.match));
        }
        return reply::array(3) + reply::bulk("master") +
               reply::integer(static_cast<std::int64_t>(status.commit)) + reply::array(count) +
               replicas;
    }
    const ftcore::NodeAddress* const primary = service.node.primary();
    const bool known = primary != nullptr && primary->id != service.node.settings().self;
    return reply::array(5) + reply::bulk("slave") +
           reply::bulk(known ? primary->host_for_clients() : "") +
           reply::integer(known ? primary->client_port : 0) +
           reply::bulk(known ? "connected" : "connect") +
           reply::integer(static_cast<std::int64_t>(status.commit));
}

std::string info_text(const Service& service) {
    const ftcore::NodeStatus status = service.node.status();
    const ftcore::NodeSettings& settings = service.node.settings();
    const ftcore::NodeAddress* const primary = service.node.primary();
    std::string text = fmt::format(
        "# Server\r\nredis_version:7.0.0\r\nserver_name:kvnode\r\n"
        "kvnode_version:{}\r\nprocess_id:{}\r\nuptime_in_seconds:{}\r\n",
        FAULTLINE_VERSION,
        ::getpid(),
        static_cast<std::int64_t>(faultline::seconds_of(faultline::now() - service.started)));
    text += fmt::format("\r\n# Clients\r\nconnected_clients:{}\r\nmaxclients:{}\r\n",
                        service.connections_now,
                        service.settings.connections_max);
    text += fmt::format(
        "\r\n# Stats\r\ntotal_connections_received:{}\r\n"
        "total_commands_processed:{}\r\nrejected_connections:{}\r\n",
        service.connections_total,
        service.commands_total,
        service.connections_refused);
    text += fmt::format("\r\n# Replication\r\nrole:{}\r\n", status.serving ? "master" : "slave");
    if (!status.serving && primary != nullptr) {
        text += fmt::format("master_host:{}\r\nmaster_port:{}\r\nmaster_link_status:up\r\n",
                            primary->host_for_clients(),
                            primary->client_port);
    } else if (!status.serving) {
        text += "master_link_status:down\r\n";
    } else {
        text += fmt::format("connected_slaves:{}\r\n", settings.members.size() - 1);
    }
    text += fmt::format("master_failover_state:{}\r\nmaster_repl_offset:{}\r\n",
                        status.handing_over ? "failover-in-progress" : "no-failover",
                        status.commit);
    text += fmt::format(
        "\r\n# FaultTolerance\r\nlevel:{}\r\nnode:{}\r\nstate:{}\r\nready:{}\r\nterm:{}\r\n"
        "commit:{}\r\napplied:{}\r\nlast_index:{}\r\nsnapshot_index:{}\r\n"
        "elections_won:{}\r\nstorage_ok:{}\r\nlog_bytes:{}\r\npending:{}\r\n",
        name_of(settings.level),
        settings.self,
        status.life_cycle,
        is_ready(status) ? 1 : 0,
        status.term,
        status.commit,
        status.applied,
        status.last_index,
        status.snapshot.index,
        status.elections,
        status.storage_ok ? 1 : 0,
        status.log_bytes,
        status.pending);
    text +=
        fmt::format("\r\n# Keyspace\r\ndb0:keys={},expires=0,avg_ttl=0\r\n", service.store.size());
    return text;
}

std::string status_lines(const Service& service) {
    const ftcore::NodeStatus status = service.node.status();
    const ftcore::NodeAddress* const primary = service.node.primary();
    std::vector<std::string> texts = {
        fmt::format("state {}{}", status.life_cycle, status.serving ? ", serving" : ""),
        fmt::format("level {}", name_of(service.node.settings().level)),
        fmt::format("term {}, primary {}",
                    status.term,
                    primary == nullptr ? std::string("unknown") : primary->name),
        fmt::format("log: last {}, agreed {}, applied {}, snapshot {}",
                    status.last_index,
                    status.commit,
                    status.applied,
                    status.snapshot.index),
        fmt::format("storage {}, p99 {:.2f} ms",
                    status.storage_ok ? "ok" : "failed",
                    faultline::milliseconds_of(status.storage_latency))};
    const std::vector<std::string> report = service.node.report();
    texts.insert(texts.end(), report.begin(), report.end());
    return lines(texts);
}

// ---- COMMAND, CLIENT, HELLO, CONFIG

std::string command_row(const CommandInfo& command) {
    const bool fixed = command.words_min == command.words_max;
    return reply::array(6) + reply::bulk(lower(command.name)) +
           reply::integer(fixed ? command.words_min : -command.words_min) + reply::array(1) +
           reply::simple(command.kind == CommandKind::write ? "write" : "readonly") +
           reply::integer(command.key_first) + reply::integer(command.key_last) +
           reply::integer(command.key_step);
}

std::string answer_command(const Words& words) {
    const std::string what = words.size() > 1 ? upper(words[1]) : "";
    if (what == "COUNT") return reply::integer(static_cast<std::int64_t>(commands().size()));
    if (what == "DOCS") return reply::array(0);
    if (what == "LIST") {
        std::string out = reply::array(commands().size());
        for (const CommandInfo& command : commands())
            out += reply::bulk(lower(command.name));
        return out;
    }
    if (what == "INFO" && words.size() > 2) {
        std::string out = reply::array(words.size() - 2);
        for (std::size_t index = 2; index < words.size(); ++index) {
            const CommandInfo* const command = find_command(words[index]);
            out += command == nullptr ? std::string("*-1\r\n") : command_row(*command);
        }
        return out;
    }
    if (!what.empty() && what != "INFO") {
        return reply::error(fmt::format("ERR unknown subcommand '{}': COUNT, DOCS, INFO, LIST",
                                        words[1].substr(0, 32)));
    }
    std::string out = reply::array(commands().size());
    for (const CommandInfo& command : commands())
        out += command_row(command);
    return out;
}

std::string answer_client(ClientState& client, const Words& words) {
    const std::string what = upper(words[1]);
    constexpr std::size_t client_name_bytes_max = 256;
    if (what == "ID") return reply::integer(static_cast<std::int64_t>(client.id));
    if (what == "GETNAME") return client.name.empty() ? reply::nil() : reply::bulk(client.name);
    if (what == "SETNAME" && words.size() == 3) {
        if (words[2].size() > client_name_bytes_max ||
            words[2].find_first_of(" \r\n") != std::string_view::npos)
            return reply::error(
                "ERR Client names cannot contain spaces, newlines or special characters");
        client.name = words[2];
        return reply::simple("OK");
    }
    if (what == "SETINFO" || what == "NO-EVICT" || what == "NO-TOUCH") return reply::simple("OK");
    if (what == "INFO" || what == "LIST")
        return reply::bulk(
            fmt::format("id={} addr={} name={}\n", client.id, client.address, client.name));
    return reply::error(fmt::format("ERR unknown subcommand or wrong number of arguments for '{}'",
                                    words[1].substr(0, 32)));
}

std::string answer_hello(const Service& service, const ClientState& client, const Words& words) {
    if (words.size() > 1 && words[1] != "2")
        return reply::error("NOPROTO unsupported protocol version: this server speaks RESP2");
    return reply::array(14) + reply::bulk("server") + reply::bulk("kvnode") +
           reply::bulk("version") + reply::bulk(FAULTLINE_VERSION) + reply::bulk("proto") +
           reply::integer(2) + reply::bulk("id") +
           reply::integer(static_cast<std::int64_t>(client.id)) + reply::bulk("mode") +
           reply::bulk("standalone") + reply::bulk("role") +
           reply::bulk(service.node.status().serving ? "master" : "replica") +
           reply::bulk("modules") + reply::array(0);
}

/// redis-benchmark asks for these two before it begins.
std::string answer_config(const Service& service, const Words& words) {
    if (upper(words[1]) != "GET" || words.size() < 3)
        return reply::error("ERR only CONFIG GET is known: settings are fixed at the start");
    const std::string name = lower(words[2]);
    if (name == "save") return reply::array(2) + reply::bulk("save") + reply::bulk("");
    if (name == "appendonly")
        return reply::array(2) + reply::bulk("appendonly") + reply::bulk("yes");
    if (name == "maxclients") {
        return reply::array(2) + reply::bulk("maxclients") +
               reply::bulk(std::to_string(service.settings.connections_max));
    }
    return reply::array(0);
}

}  // namespace

std::string answer_session_command(Service& service,
                                   ClientState& client,
                                   const CommandInfo& command,
                                   const Words& words) {
    const std::string_view name = command.name;
    if (name == "PING") return words.size() > 1 ? reply::bulk(words[1]) : reply::simple("PONG");
    if (name == "ECHO") return reply::bulk(words[1]);
    if (name == "ROLE") return role(service);
    if (name == "INFO") return reply::bulk(info_text(service));
    if (name == "COMMAND") return answer_command(words);
    if (name == "CLIENT") return answer_client(client, words);
    if (name == "HELLO") return answer_hello(service, client, words);
    if (name == "CONFIG") return answer_config(service, words);
    if (name == "FAILOVER") return answer_failover(service, words);
    if (name == "FT.STATUS") return status_lines(service);
    if (name == "FT.ERRORS") return lines(service.node.errors());
    if (name == "FT.HISTORY") return lines(service.node.history());
    if (name == "SELECT") {
        return words[1] == "0" ? reply::simple("OK")
                               : reply::error("ERR DB index is out of range: there is only 0");
    }
    if (name == "RESET") {
        client.name.clear();
        return reply::simple("RESET");
    }
    client.quit = true;  // QUIT
    return reply::simple("OK");
}

}  // namespace kvnode
