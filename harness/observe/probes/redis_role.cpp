// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/redis.hpp"

namespace faultline {
namespace {

ProbeAnswer interpret(const RespValue& reply) {
    if (reply.type != RespValue::Type::array || reply.elements.empty() ||
        reply.elements[0].type != RespValue::Type::bulk) {
        return {.error = "ROLE was not answered with a role"};
    }
    return {.ok = true, .value = std::string(reply.elements[0].text)};
}

}  // namespace

ProbeKind redis_role_probe() {
    return {{.name = "redis.role",
             .about = "Asks ROLE; the answer is the role.",
             .answers = {"master", "slave", "sentinel"}},
            [](Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
                return make_redis_probe(loop, spec, target, {{"ROLE"}, interpret});
            }};
}

}  // namespace faultline
