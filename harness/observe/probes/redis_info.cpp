// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/redis.hpp"

namespace faultline {
namespace {

/// INFO is lines of "name:value" and headings "# Section".
ProbeAnswer interpret(const RespValue& reply, const std::string& field) {
    const std::string wanted = "\r\n" + field + ":";
    const std::string text = "\r\n" + std::string(reply.text) + "\r\n";
    const std::size_t found = text.find(wanted);
    if (found == std::string::npos) return {.error = "INFO has no field \"" + field + "\""};
    const std::size_t begin = found + wanted.size();
    return {.ok = true, .value = text.substr(begin, text.find("\r\n", begin) - begin)};
}

}  // namespace

ProbeKind redis_info_probe() {
    return {{.name = "redis.info",
             .about = "Asks INFO; the answer is the value of one field.",
             .parameters = {{.name = "field",
                             .type = ParameterType::text,
                             .help = "The field of INFO, for example master_link_status.",
                             .required = true}},
             .answers = {"the field's value, for example up, down, 2"}},
            [](Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
                const auto field = spec.parameters.get<std::string>("field");
                RedisQuestion question{
                    {"INFO"}, [field](const RespValue& reply) { return interpret(reply, field); }};
                return make_redis_probe(loop, spec, target, std::move(question));
            }};
}

}  // namespace faultline
