// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <map>

#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/redis.hpp"

namespace faultline {
namespace {

struct Wanted {
    std::string master;
    std::int64_t replicas = 0;
    std::int64_t sentinels = 0;
};

std::int64_t number_of(const std::string& text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// SENTINEL MASTER answers a flat list: name, value, name, value.
ProbeAnswer interpret(const RespValue& reply, const Wanted& wanted) {
    std::map<std::string, std::string> fields;
    for (std::size_t index = 0; index + 1 < reply.elements.size(); index += 2) {
        fields[std::string(reply.elements[index].text)] = reply.elements[index + 1].text;
    }
    if (!fields.contains("ip") || !fields.contains("port")) {
        return {.error = "SENTINEL MASTER " + wanted.master + " named no address"};
    }
    ProbeAnswer answer{.value = fields["ip"] + ":" + fields["port"]};
    const std::string& flags = fields["flags"];
    const std::string& replicas = fields["num-slaves"];
    const std::string& sentinels = fields["num-other-sentinels"];
    if (flags != "master") {
        answer.error = "flags are \"" + flags + "\", not exactly master";
    } else if (number_of(replicas) < wanted.replicas) {
        answer.error =
            "knows " + replicas + " replicas, " + std::to_string(wanted.replicas) + " are needed";
    } else if (number_of(sentinels) < wanted.sentinels) {
        answer.error = "knows " + sentinels + " other sentinels, " +
                       std::to_string(wanted.sentinels) + " are needed";
    }
    answer.ok = answer.error.empty();
    return answer;
}

}  // namespace

ProbeKind redis_sentinel_probe() {
    return {
        {.name = "redis.sentinel",
         .about = "Asks a Sentinel for its view of a master; the answer is the master's address.",
         .parameters = {{.name = "master",
                         .type = ParameterType::text,
                         .help = "The name under which Sentinel monitors it.",
                         .default_value = "mymaster"},
                        {.name = "replicas",
                         .type = ParameterType::integer,
                         .help = "Replicas it must know to be ok.",
                         .default_value = "0",
                         .minimum = 0},
                        {.name = "sentinels",
                         .type = ParameterType::integer,
                         .help = "Other sentinels it must know to be ok.",
                         .default_value = "0",
                         .minimum = 0}},
         .answers = {"address:port of the master, for example 127.0.0.1:6379"}},
        [](Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
            const Wanted wanted{spec.parameters.get<std::string>("master"),
                                spec.parameters.get<std::int64_t>("replicas"),
                                spec.parameters.get<std::int64_t>("sentinels")};
            RedisQuestion question{
                {"SENTINEL", "MASTER", wanted.master},
                [wanted](const RespValue& reply) { return interpret(reply, wanted); }};
            return make_redis_probe(loop, spec, target, std::move(question));
        }};
}

}  // namespace faultline
