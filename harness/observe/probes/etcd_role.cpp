// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/http_question.hpp"

namespace faultline {
namespace {

/// Numbers are texts in etcd's JSON: they have 64 bits.
std::string text_at(const nlohmann::json& document, const char* pointer) {
    const nlohmann::json::json_pointer place(pointer);
    if (!document.contains(place) || !document.at(place).is_string()) return "0";
    return document.at(place).get<std::string>();
}

ProbeAnswer interpret_status(unsigned status, const std::string& body) {
    if (status != 200) return {.error = "status " + std::to_string(status)};
    const auto document = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object()) return {.error = "the body is not JSON"};
    const std::string leader = text_at(document, "/leader");
    if (leader == "0") return {.ok = true, .value = "leaderless"};
    const bool own = leader == text_at(document, "/header/member_id");
    return {.ok = true, .value = own ? "leader" : "follower"};
}

}  // namespace

ProbeKind etcd_role_probe() {
    return {
        {.name = "etcd.role",
         .about = "Asks a member's status over etcd's JSON gateway; the answer is its role.",
         .answers = {"leader", "follower", "leaderless"}},
        [](Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
            return make_http_probe(
                loop,
                spec,
                target,
                {.path = "/v3/maintenance/status", .body = "{}", .interpret = interpret_status});
        }};
}

}  // namespace faultline
