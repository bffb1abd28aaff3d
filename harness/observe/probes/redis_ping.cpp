// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/redis.hpp"

namespace faultline {
namespace {

ProbeAnswer interpret(const RespValue& reply) {
    const std::string text(reply.text);
    if (text == "PONG") return {.ok = true, .value = text};
    return {.value = text, .error = "PING was answered with \"" + text + "\", not PONG"};
}

}  // namespace

ProbeKind redis_ping_probe() {
    return {{.name = "redis.ping",
             .about = "Sends PING over the Redis protocol; ok when the reply is PONG.",
             .answers = {"PONG"}},
            [](Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
                return make_redis_probe(loop, spec, target, {{"PING"}, interpret});
            }};
}

}  // namespace faultline
