// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/body.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "harness/inject/link/toxiproxy/read_toxic.hpp"

namespace faultline::link {
namespace {

constexpr std::size_t name_bytes_max = 255;

Members::Table proxy_table() {
    return {.what = "a proxy",
            .names = {"name", "listen", "upstream", "enabled", "toxics"},
            .misplaced = [](const std::string& key) {
                const bool of_toxic =
                    key == "type" || key == "stream" || key == "toxicity" || key == "attributes";
                return std::string(of_toxic ? "it belongs into a toxic, under \"toxics\"" : "");
            }};
}

/// What is empty counts as absent, as it does for the clients' own server.
std::optional<std::string> filled(std::optional<std::string> text) {
    return text && text->empty() ? std::nullopt : std::move(text);
}

void check_proxy_name(const std::string& name, Place place, Findings& findings) {
    if (name.size() > name_bytes_max || name == "." || name == "..")
        findings.add(place,
                     fmt::format("cannot name a proxy; use at most {} bytes, not \".\" or \"..\", "
                                 "which no URL reaches",
                                 name_bytes_max));
}

std::vector<Toxic> read_toxics(const Node& node, Findings& findings) {
    std::vector<Toxic> toxics;
    if (node.array() == nullptr) {
        findings.add(node.place, "expected an array of toxics, found " + describe(node));
        return toxics;
    }
    if (node.array()->size() > toxics_max) {
        findings.add(node.place, fmt::format("more than {} toxics", toxics_max));
        return toxics;
    }
    for (const Node& item : *node.array()) {
        Toxic toxic = read_toxic(item, findings);
        const bool known = std::any_of(
            toxics.begin(), toxics.end(), [&](const Toxic& one) { return one.name == toxic.name; });
        if (known && !toxic.name.empty())
            findings.add(item.place,
                         fmt::format("the name \"{}\" is there twice; give one of the toxics "
                                     "another \"name\"",
                                     toxic.name));
        toxics.push_back(std::move(toxic));
    }
    return toxics;
}

/// `where` stands behind the text of a missing field: " at proxy 2".
ProxyRequest read_proxy(const Node& node, const std::string& where, Findings& findings) {
    const Members members(node, proxy_table(), findings);
    ProxyRequest proxy{.place = node.place, .listen_place = node.place};
    if (node.object() == nullptr) return proxy;
    for (const char* required : {"name", "upstream"}) {
        const Node* value = members.find(required);
        if (value == nullptr || (value->text() != nullptr && value->text()->empty()))
            findings.add_known(node.place,
                               fmt::format("missing required field: {}{}", required, where));
    }
    proxy.name = members.text("name").value_or("");
    if (const Node* name = members.find("name"))
        check_proxy_name(proxy.name, name->place, findings);
    proxy.upstream = members.text("upstream").value_or("");
    proxy.listen = filled(members.text("listen")).value_or("localhost:0");
    if (const Node* listen = members.find("listen")) proxy.listen_place = listen->place;
    proxy.enabled = members.boolean("enabled").value_or(true);
    if (const Node* toxics = members.find("toxics")) proxy.toxics = read_toxics(*toxics, findings);
    return proxy;
}

std::vector<ProxyRequest> read_all(const Node& node, Findings& findings) {
    std::vector<ProxyRequest> proxies;
    if (node.array() == nullptr) {
        findings.add(node.place, "expected an array of proxies, found " + describe(node));
        return proxies;
    }
    if (node.array()->size() > proxies_max) {
        findings.add(node.place, fmt::format("more than {} proxies", proxies_max));
        return proxies;
    }
    std::map<std::string, std::size_t> numbers;
    for (const Node& item : *node.array()) {
        const std::size_t number = proxies.size() + 1;
        proxies.push_back(read_proxy(item, fmt::format(" at proxy {}", number), findings));
        const std::string& name = proxies.back().name;
        const auto [first, fresh] = numbers.emplace(name, number);
        if (!fresh && !name.empty())
            findings.add(
                item.place,
                fmt::format("the name \"{}\" is there twice, first at proxy {}; rename one",
                            name,
                            first->second));
    }
    return proxies;
}

/// Reads a body with `read(node, findings)`.
template <class Read>
auto read_body(std::string_view body, const Read& read)
    -> Answer<decltype(read(std::declval<Node>(), std::declval<Findings&>()))> {
    Findings findings("", body);
    const Node node = findings.parse();
    if (!findings.empty()) return tl::unexpected<ApiError>(findings.api_error());
    auto value = read(node, findings);
    if (!findings.empty()) return tl::unexpected<ApiError>(findings.api_error());
    return value;
}

}  // namespace

Answer<ProxyRequest> read_proxy(std::string_view body) {
    return read_body(
        body, [](const Node& node, Findings& findings) { return read_proxy(node, "", findings); });
}

Answer<ProxyChange> read_proxy_change(std::string_view body) {
    return read_body(body, [](const Node& node, Findings& findings) {
        const Members members(node, proxy_table(), findings);
        return ProxyChange{.listen = filled(members.text("listen")),
                           .upstream = filled(members.text("upstream")),
                           .enabled = members.boolean("enabled")};
    });
}

Answer<std::vector<ProxyRequest>> read_proxies(std::string_view body) {
    return read_body(body,
                     [](const Node& node, Findings& findings) { return read_all(node, findings); });
}

Answer<Toxic> read_toxic(std::string_view body) {
    return read_body(
        body, [](const Node& node, Findings& findings) { return read_toxic(node, findings); });
}

Answer<Toxic> read_toxic_change(std::string_view body, const Toxic& before) {
    return read_body(body, [&before](const Node& node, Findings& findings) {
        return read_toxic_change(node, before, findings);
    });
}

std::vector<ProxyRequest> read_proxies(Findings& findings) {
    const Node node = findings.parse();
    if (!findings.empty()) return {};
    return read_all(node, findings);
}

}  // namespace faultline::link
