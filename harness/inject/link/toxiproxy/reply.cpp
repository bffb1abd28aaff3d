// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/reply.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace faultline::link {
namespace {

using Json = nlohmann::ordered_json;

/// Clients look at it before they speak: the version of the API, and ours beside it.
constexpr const char* api_version = "2.12.0";

Json plain(const Node& node) {
    return std::visit(
        [](const auto& value) -> Json {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, Node::Array>) {
                Json items = Json::array();
                for (const Node& item : value)
                    items.push_back(plain(item));
                return items;
            } else if constexpr (std::is_same_v<Value, Node::Object>) {
                Json members = Json::object();
                for (const Node::Member& member : value)
                    members[member.key] = plain(member.value);
                return members;
            } else {
                return value;
            }
        },
        node.value);
}

/// 1 rather than 1.0: some clients read it into an integer.
Json number(double value) {
    if (value == std::floor(value)) return static_cast<std::int64_t>(value);
    return value;
}

Json value_of(const Toxic& toxic) {
    return {{"attributes", plain(Node{toxic.attributes})},
            {"name", toxic.name},
            {"type", toxic.type->name},
            {"stream", name_of(toxic.stream)},
            {"toxicity", number(toxic.toxicity)}};
}

Json value_of(const std::vector<Toxic>& toxics) {
    Json items = Json::array();
    for (const Toxic& toxic : toxics)
        items.push_back(value_of(toxic));
    return items;
}

Json value_of(const ProxySet& set, const Proxy& proxy) {
    return {{"name", proxy.name},
            {"listen", set.listen_address(proxy)},
            {"upstream", proxy.upstream},
            {"enabled", set.enabled(proxy)},
            {"toxics", value_of(proxy.toxics)}};
}

Json value_of(const ApiError& error) {
    Json value{{"error", error.message}, {"status", error.status}};
    if (!error.hint.empty()) value["hint"] = error.hint;
    return value;
}

std::string text_of(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string json_of(const ProxySet& set, const Proxy& proxy) {
    return text_of(value_of(set, proxy));
}

std::string json_of(const ProxySet& set) {
    Json::object_t members;
    members.reserve(set.all().size());
    for (const auto& [name, proxy] : set.all()) {
        // The keys are unique: ordered_json's own insertion would look at every one before.
        static_cast<Json::object_t::Container&>(members).emplace_back(name, value_of(set, proxy));
    }
    return text_of(members);
}

std::string json_of(const Toxic& toxic) {
    return text_of(value_of(toxic));
}

std::string json_of(const std::vector<Toxic>& toxics) {
    return text_of(value_of(toxics));
}

std::string json_of(const ApiError& error) {
    return text_of(value_of(error));
}

std::string json_of(const ProxySet& set, const ProxySet::Populated& populated) {
    Json value = populated.error ? value_of(*populated.error) : Json::object();
    Json items = Json::array();
    for (const Proxy* proxy : populated.proxies)
        items.push_back(value_of(set, *proxy));
    // A body that is wrong as a whole has no proxies at all.
    const bool none = populated.error && populated.error->status == 400 && items.empty();
    value["proxies"] = none ? Json(nullptr) : std::move(items);
    return text_of(value);
}

std::string version_json() {
    return text_of({{"version", api_version}, {"faultline", FAULTLINE_VERSION}});
}

}  // namespace faultline::link
