// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/settings.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "targets/core/levels/level.hpp"

namespace kvnode {

using ftcore::Duration;
using ftcore::SettingType;

namespace {

constexpr double ms = 1e6;
constexpr double second = 1e9;
constexpr double mib = 1 << 20;

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};

std::optional<HostPort> parse_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    HostPort result{.host = text.substr(0, colon)};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, result.port);
    if (error != std::errc() || stop != end || result.port == 0) return std::nullopt;
    return result;
}

/// "1 127.0.0.1:7101 127.0.0.1:7001 [witness] [name=kv[0]]"; the reason when it is not one.
std::string decode_member(const std::vector<std::string>& words, ftcore::NodeAddress& member) {
    const std::string& id = words[0];
    const auto [stop, error] = std::from_chars(id.data(), id.data() + id.size(), member.id);
    if (error != std::errc() || stop != id.data() + id.size() || member.id == ftcore::nobody)
        return fmt::format("\"{}\" is no node number: they begin at 1", id);
    const auto peers = parse_address(words[1]);
    if (!peers)
        return fmt::format("\"{}\" is no address for peers; write it as 127.0.0.1:7101", words[1]);
    const auto clients = parse_address(words[2]);
    if (!clients)
        return fmt::format("\"{}\" is no address for clients; write it as 127.0.0.1:7001",
                           words[2]);
    member.host = peers->host;
    member.peer_port = peers->port;
    member.client_host = clients->host;
    member.client_port = clients->port;
    member.name = fmt::format("node-{}", member.id);
    for (std::size_t index = 3; index < words.size(); ++index) {
        if (words[index] == "witness")
            member.witness = true;
        else if (words[index].starts_with("name="))
            member.name = words[index].substr(5);
        else
            return fmt::format("\"{}\" is neither witness nor name=NAME", words[index]);
    }
    return {};
}

void decode_members(ftcore::SettingsRead& read, Settings& settings) {
    const auto lines = read.values.all<std::vector<std::string>>("member");
    const auto& self = read.values.get<std::string>("node");
    std::set<ftcore::NodeId> ids;
    for (std::size_t index = 0; index < lines.size(); ++index) {
        ftcore::NodeAddress member;
        if (std::string reason = decode_member(lines[index], member); !reason.empty()) {
            read.add_mistake("member", reason, index);
            continue;
        }
        if (!ids.insert(member.id).second)
            read.add_mistake("member", fmt::format("node {} is there twice", member.id), index);
        if (self == std::to_string(member.id) || self == member.name)
            settings.node.self = member.id;
        settings.node.members.push_back(std::move(member));
    }
    const std::size_t count = settings.node.members.size();
    if (count == lines.size() && count != 1 && count != 3 && count != 5) {
        read.add_mistake("member", fmt::format("{} members; a group has 1, 3 or 5", count));
    }
    if (count == lines.size() && settings.node.self == ftcore::nobody)
        read.add_mistake(
            "node", fmt::format("node {} is not among the members; add its member line", self));
}

}  // namespace

const ftcore::SettingTable& setting_table() {
    static const ftcore::SettingTable table = {
        {.name = "node",
         .type = SettingType::text,
         .help = "Which of the members this process is: its number or its name.",
         .required = true,
         .form = "<number or name>",
         .example = "1",
         .section = "The group"},
        {.name = "member",
         .type = SettingType::words,
         .help = "One node: its number, and the addresses for peers and for clients. The line of "
                 "this node says where it listens, the others say where it reaches them and sends "
                 "their clients; only the numbers must be the same in every node's settings. A "
                 "witness votes and keeps no data. The name is used in events and reports.",
         .required = true,
         .repeatable = true,
         .form = "<number> <host:port> <host:port> [witness] [name=NAME]",
         .example = "1 127.0.0.1:7101 127.0.0.1:7001",
         .section = "The group",
         .words_min = 3,
         .words_max = 5},
        {.name = "cluster",
         .type = SettingType::text,
         .help = "Name of the group; nodes of another group are turned away.",
         .default_value = "default",
         .section = "The group"},
        {.name = "level",
         .type = SettingType::choice,
         .help = "When a write is acknowledged: on the disks of a quorum (high), in the memory of "
                 "a quorum "
                 "(medium), or in that of the primary (low).",
         .default_value = "high",
         .choices = ftcore::level_names(),
         .section = "The group"},
        {.name = "folder",
         .type = SettingType::text,
         .help = "Where this node keeps its log, votes and snapshots.",
         .required = true,
         .example = "data",
         .section = "Storage"},
        {.name = "segment-bytes",
         .type = SettingType::bytes,
         .help = "Size of one file of the log.",
         .default_value = "64MiB",
         .minimum = mib,
         .maximum = 1024 * mib,
         .section = "Storage"},
        {.name = "snapshot-after",
         .type = SettingType::bytes,
         .help = "So much log behind the last snapshot asks for the next one.",
         .default_value = "256MiB",
         .minimum = 64 * 1024,
         .maximum = 64 * 1024 * mib,
         .section = "Storage"},
        {.name = "sync-period",
         .type = SettingType::duration,
         .help = "Levels medium and low: how often what was written is synced.",
         .default_value = "100ms",
         .minimum = ms,
         .maximum = 10 * second,
         .section = "Storage"},
        {.name = "heartbeat",
         .type = SettingType::duration,
         .help = "How often the primary shows that it lives.",
         .default_value = "25ms",
         .minimum = ms,
         .maximum = 10 * second,
         .section = "Failover"},
        {.name = "detection-floor",
         .type = SettingType::duration,
         .help = "No silence shorter than this accuses a primary of hanging; more than twice the "
                 "heartbeat.",
         .default_value = "75ms",
         .minimum = ms,
         .maximum = 60 * second,
         .section = "Failover"},
        {.name = "election-timeout",
         .type = SettingType::duration,
         .help = "Without a primary for this long a node campaigns whatever its detectors say.",
         .default_value = "300ms",
         .minimum = 10 * ms,
         .maximum = 60 * second,
         .section = "Failover"},
        {.name = "lease",
         .type = SettingType::duration,
         .help = "How long a primary that was confirmed by a quorum answers reads alone; a new "
                 "primary may "
                 "have to wait as long. Less than the detection floor.",
         .default_value = "4ms",
         .minimum = 0.1 * ms,
         .maximum = 10 * second,
         .section = "Failover"},
        {.name = "hand-over",
         .type = SettingType::duration,
         .help = "How long a primary that stops tries to find a successor.",
         .default_value = "500ms",
         .minimum = 10 * ms,
         .maximum = 60 * second,
         .section = "Failover"},
        {.name = "operation-timeout",
         .type = SettingType::duration,
         .help = "A write that is not settled by then is answered -UNKNOWN.",
         .default_value = "5s",
         .minimum = 10 * ms,
         .maximum = 600 * second,
         .section = "Clients"},
        {.name = "redirect",
         .type = SettingType::choice,
         .help = "What a secondary answers: -READONLY, or -MOVED with the primary's address.",
         .default_value = "readonly",
         .choices = {"readonly", "moved"},
         .section = "Clients"},
        {.name = "drain",
         .type = SettingType::duration,
         .help = "How long a node that stops goes on sending clients to the new primary.",
         .default_value = "1s",
         .minimum = 0,
         .maximum = 600 * second,
         .section = "Clients"},
        {.name = "connections-max",
         .type = SettingType::integer,
         .help = "More clients at a time are turned away.",
         .default_value = "1000",
         .minimum = 1,
         .maximum = 1e6,
         .section = "Clients"},
        {.name = "pending-max",
         .type = SettingType::integer,
         .help = "More waiting operations are refused with -TRYAGAIN.",
         .default_value = "65536",
         .minimum = 1,
         .maximum = 1e7,
         .section = "Clients"},
        {.name = "pipeline-max",
         .type = SettingType::integer,
         .help = "With so many unanswered commands a connection is not read on.",
         .default_value = "1024",
         .minimum = 1,
         .maximum = 1e6,
         .section = "Clients"},
        {.name = "key-bytes-max",
         .type = SettingType::bytes,
         .help = "Longest key.",
         .default_value = "64KiB",
         .minimum = 1,
         .maximum = mib,
         .section = "Clients"},
        {.name = "value-bytes-max",
         .type = SettingType::bytes,
         .help = "Longest value in a command.",
         .default_value = "8MiB",
         .minimum = 1,
         .maximum = 8 * mib,
         .section = "Clients"},
        {.name = "metrics-port",
         .type = SettingType::integer,
         .help = "Serve OpenMetrics on http://host:port/metrics.",
         .minimum = 1,
         .maximum = 65535,
         .example = "9101",
         .section = "Observation"},
        {.name = "webhook",
         .type = SettingType::text,
         .help = "Alerts are sent there with HTTP POST.",
         .example = "http://127.0.0.1:9999/alerts",
         .section = "Observation"},
        {.name = "alert-command",
         .type = SettingType::words,
         .help = "Alerts run this command with four more arguments: the severity (warning, "
                 "critical), the rule, the state (firing, resolved) and the text.",
         .example = "/usr/bin/logger -t kvnode",
         .section = "Observation"},
    };
    return table;
}

Settings decode_settings(ftcore::SettingsRead& read) {
    const ftcore::SettingValues& values = read.values;
    Settings settings;
    const auto bytes = [&values](const char* name) {
        return static_cast<std::size_t>(values.get<std::int64_t>(name));
    };
    const auto span = [&values](const char* name) { return values.get<Duration>(name); };
    ftcore::NodeSettings& node = settings.node;
    node.cluster = values.get<std::string>("cluster");
    node.folder = values.get<std::string>("folder");
    if (auto level = ftcore::parse_level(values.get<std::string>("level"))) node.level = *level;
    node.heartbeat = span("heartbeat");
    node.election_timeout = span("election-timeout");
    node.lease = span("lease");
    node.detection_floor = span("detection-floor");
    node.operation_timeout = span("operation-timeout");
    node.hand_over_patience = span("hand-over");
    node.segment_bytes = bytes("segment-bytes");
    node.snapshot_log_bytes = bytes("snapshot-after");
    node.sync_period = span("sync-period");
    node.pending_max = bytes("pending-max");
    node.webhook = values.find<std::string>("webhook").value_or("");
    node.alert_command =
        values.find<std::vector<std::string>>("alert-command").value_or(std::vector<std::string>{});
    decode_members(read, settings);

    ServiceSettings& service = settings.service;
    service.redirect =
        values.get<std::string>("redirect") == "moved" ? Redirect::moved : Redirect::readonly;
    service.connections_max = bytes("connections-max");
    service.pipeline_max = bytes("pipeline-max");
    service.key_bytes_max = bytes("key-bytes-max");
    service.limits.word_bytes = bytes("value-bytes-max");
    settings.drain = span("drain");
    if (const auto port = values.find<std::int64_t>("metrics-port"))
        settings.metrics_port = static_cast<std::uint16_t>(*port);

    if (node.detection_floor <= 2 * node.heartbeat) {
        read.add_mistake("detection-floor",
                         "one lost heartbeat would accuse; make it more than twice the heartbeat");
    }
    if (node.election_timeout < 2 * node.detection_floor)
        read.add_mistake("election-timeout", "make it at least twice the detection floor");
    if (node.lease >= node.detection_floor)
        read.add_mistake("lease", "make it shorter than the detection floor");
    return settings;
}

}  // namespace kvnode
