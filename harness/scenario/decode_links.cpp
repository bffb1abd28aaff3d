// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {
namespace {

constexpr std::size_t links_max = 10'000;  // each listens on a port of its own

/// A place the load connects to: a target and one of its ports.
struct LoadPlace {
    std::string target;
    std::string port;
    auto operator<=>(const LoadPlace&) const = default;
};

std::string first_port(const std::string& target, const Names& names) {
    const TargetNames* found = names.find_target(target);
    return found == nullptr || found->ports.empty() ? "" : found->ports.front();
}

/// `to`, and what the driver's own parameters name beside it (the sentinels).
std::vector<LoadPlace> places_of(const LoadSpec& load, const DecodeContext& context) {
    const Names& names = context.names;
    std::vector<LoadPlace> places{
        {load.to.target, load.port.empty() ? first_port(load.to.target, names) : load.port}};
    const Kind* driver = find_kind(context.catalog.drivers, load.driver);
    if (driver == nullptr) return places;
    for (const Parameter& row : driver->parameters) {
        if (row.type != ParameterType::target) continue;
        const auto target = load.parameters.find<std::string>(row.name);
        if (target) places.push_back({*target, first_port(*target, names)});
    }
    return places;
}

class LinkDecoder {
  public:
    LinkDecoder(const Node& node, const DecodeContext& context)
        : node_(node),
          context_(context),
          section_(
              decode_section(link_section(), node, context, scope_by(node, "to", context.names))) {}

    /// Absent: it has a mistake.
    std::optional<LinkSpec> decode(const Scenario& scenario) {
        LinkSpec link;
        const Node* from = section_.part("from");
        if (from != nullptr && from->text() != nullptr) link.from = *from->text();
        link.to = section_.values.find<std::string>("to").value_or("");
        link.port = section_.values.find<std::string>("port").value_or("");
        link.shared = section_.values.get<bool>("shared");
        const bool known = from != nullptr && check_from(*from, link);
        if (!known || link.to.empty() || link.port.empty()) return std::nullopt;
        const bool useful = link.from == load_end ? check_load(link, scenario) : check_others(link);
        return useful && check_first(link, scenario) ? std::optional(link) : std::nullopt;
    }

  private:
    bool wrong(const Node& node, std::string message) {
        context_.mistakes.add(node.place, std::move(message));
        return false;
    }

    bool check_from(const Node& from, const LinkSpec& link) {
        const Names& names = context_.names;
        if (from.text() == nullptr) {
            return wrong(from,
                         "expected the name of a target, or \"load\", found " + describe(from));
        }
        if (link.from == load_end) {
            if (names.find_target(load_end) == nullptr) return true;
            return wrong(from, "\"load\" is the load here; name the target of that name otherwise");
        }
        if (names.find_target(link.from) != nullptr) return true;
        auto candidates = names.target_names();
        candidates.emplace_back(load_end);
        return wrong(from,
                     fmt::format("unknown target \"{}\"{}",
                                 link.from.substr(0, 60),
                                 suggest(link.from, candidates)));
    }

    bool check_load(const LinkSpec& link, const Scenario& scenario) {
        if (!scenario.load) return wrong(*section_.part("from"), "the scenario has no \"load\"");
        const auto places = places_of(*scenario.load, context_);
        if (places.front().target.empty()) return true;  // another mistake, reported there
        if (std::find(places.begin(), places.end(), LoadPlace{link.to, link.port}) != places.end())
            return true;
        std::string known;
        for (const LoadPlace& place : places)
            known += fmt::format("{}{}.{}", known.empty() ? "" : ", ", place.target, place.port);
        return wrong(
            node_,
            fmt::format(
                "the load does not connect to {}.{}: it goes to {}", link.to, link.port, known));
    }

    bool check_others(const LinkSpec& link) {
        if (link.from != link.to || context_.names.find_target(link.to)->count > 1) return true;
        return wrong(node_,
                     fmt::format("\"{}\" has one instance, which has no link to itself", link.to));
    }

    bool check_first(const LinkSpec& link, const Scenario& scenario) {
        const bool twice =
            std::any_of(scenario.links.begin(), scenario.links.end(), [&](const LinkSpec& other) {
                return other.from == link.from && other.to == link.to && other.port == link.port;
            });
        if (!twice) return true;
        return wrong(
            node_, fmt::format("the link {}->{}.{} is there twice", link.from, link.to, link.port));
    }

    const Node& node_;
    const DecodeContext& context_;
    DecodedSection section_;
};

std::size_t count_of(const LinkSpec& link, const Names& names) {
    const auto instances = [&](const std::string& target) {
        return static_cast<std::size_t>(names.find_target(target)->count);
    };
    const std::size_t to = instances(link.to);
    if (link.from == load_end) return to;
    return instances(link.from) * to - (link.from == link.to ? to : 0);
}

}  // namespace

void decode_links(const Node* node, DecodeContext& context, Scenario& scenario) {
    if (node == nullptr) return;
    Names& names = context.names;
    if (node->array() == nullptr) {
        context.mistakes.add(node->place, "expected an array of links, found " + describe(*node));
        names.links_unsure = true;
        return;
    }
    std::size_t count = 0;
    for (const Node& item : *node->array()) {
        const auto link = LinkDecoder(item, context).decode(scenario);
        if (!link) {
            names.links_unsure = true;
            continue;
        }
        count += count_of(*link, names);
        if (count > links_max) {
            context.mistakes.add(item.place,
                                 fmt::format("the scenario has more than {} links", links_max));
            return;
        }
        names.links.push_back({link->from, link->to, link->port});
        scenario.links.push_back(*link);
    }
}

}  // namespace faultline
