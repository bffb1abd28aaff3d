// SPDX-License-Identifier: Apache-2.0
#include "harness/run/fault_targets.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/run/catalog.hpp"

namespace faultline {
namespace {

/// The selectors that a fault's own parameters hold.
std::vector<Selector> selectors_in_parameters(const FaultSpec& fault) {
    const Kind* kind = find_kind(full_catalog().faults, fault.kind);
    std::vector<std::string> texts;
    for (const Parameter& row : kind == nullptr ? ParameterTable{} : kind->parameters) {
        if (row.type == ParameterType::selector) {
            if (auto text = fault.parameters.find<std::string>(row.name)) texts.push_back(*text);
        } else if (row.type == ParameterType::groups) {
            const auto groups = fault.parameters.find<std::vector<std::string>>(row.name);
            if (groups) texts.insert(texts.end(), groups->begin(), groups->end());
        }
    }
    std::vector<Selector> all;
    for (const std::string& text : texts) {
        const auto members = parse_group(text);  // one selector is a group of one
        if (members) all.insert(all.end(), members->begin(), members->end());
    }
    return all;
}

/// Every selector of instances that decides what a fault hits, the load left out.
std::vector<Selector> selectors_of(const FaultSpec& fault) {
    std::vector<Selector> all = selectors_in_parameters(fault);
    if (!fault.link) {
        all.push_back(fault.on);
    } else if (!fault.link->remembered) {
        all.push_back(fault.link->from);
        all.push_back(fault.link->to);
    }
    std::erase_if(all, [](const Selector& one) {
        return one.target == load_end || one.target == anyone_end;
    });
    return all;
}

/// Who connects and who listens, as the selector's two sides have it: for `a<->b` a link from b to
/// a belongs to the pair (a, b) too.
struct LinkedPair {
    std::string from;
    std::string to;
    const LinkVictim* link;
};

template <class NameOf>
void draw_one(std::vector<LinkedPair>& pairs, Random& random, const NameOf& name_of) {
    std::set<std::string> names;
    for (const LinkedPair& pair : pairs)
        names.insert(name_of(pair));
    const std::string chosen =
        *std::next(names.begin(), static_cast<std::ptrdiff_t>(random.below(names.size())));
    std::erase_if(pairs, [&](const LinkedPair& pair) { return name_of(pair) != chosen; });
}

}  // namespace

std::vector<std::string> FaultHit::names(const Fleet& fleet) const {
    std::vector<std::string> all;
    for (const LinkVictim* link : links)
        all.push_back(link->name);
    if (!links.empty()) return all;
    for (const int index : instances)
        all.push_back(fleet.instance(index).name());
    return all;
}

Result<FaultHit> FaultTargets::resolve(const FaultSpec& fault, Random random) const {
    return fault.link ? linked(*fault.link, random) : instances(fault.on, random);
}

Result<std::vector<std::string>> FaultTargets::resolve(const std::string& selector,
                                                       Random random) const {
    if (selector == load_end) return std::vector<std::string>{selector};
    FL_TRY(const Selector parsed, parse_selector(selector));
    FL_TRY(const FaultHit hit, instances(parsed, random));
    return hit.names(fleet_);
}

// ---- instances

Result<std::vector<int>> FaultTargets::recall(const Selector& on) const {
    const FaultHit* hit = remember_(*on.remembered);
    if (hit != nullptr && !hit->empty()) return hit->instances;
    return fail(
        fmt::format("\"{}\" means what {} hit, but that has not fired", on.text, *on.remembered));
}

Result<FaultHit> FaultTargets::instances(const Selector& on, Random& random) const {
    FaultHit hit;
    if (on.remembered) {
        FL_TRY(hit.instances, recall(on));
        return hit;
    }
    hit.instances = fleet_.holders(on);
    if (hit.instances.empty()) return fail(fmt::format("\"{}\" matches no instance now", on.text));
    if (on.any) hit.instances = {hit.instances[random.below(hit.instances.size())]};
    return hit;
}

// ---- links

Result<std::set<std::string>> FaultTargets::ends(const Selector& end) const {
    if (end.target == load_end) return std::set<std::string>{end.target};
    if (end.target == anyone_end) {
        std::set<std::string> everyone;
        for (int index = 0; index < fleet_.size(); ++index)
            everyone.insert(fleet_.instance(index).name());
        return everyone;
    }
    std::vector<int> indices = fleet_.holders(end);
    if (end.remembered) {
        FL_TRY(indices, recall(end));
    }
    if (indices.empty()) return fail(fmt::format("\"{}\" matches no instance now", end.text));
    std::set<std::string> names;
    for (const int index : indices)
        names.insert(fleet_.instance(index).name());
    return names;
}

FaultHit FaultTargets::hit_of(std::vector<const LinkVictim*> links) const {
    std::set<int> indices;
    for (const LinkVictim* link : links) {
        for (const std::string& end : {link->from, link->to}) {
            if (const int index = fleet_.index_of(end); index >= 0) indices.insert(index);
        }
    }
    return {.instances = {indices.begin(), indices.end()}, .links = std::move(links)};
}

Result<FaultHit> FaultTargets::linked(const LinkSelector& on, Random& random) const {
    if (on.remembered) {
        const FaultHit* hit = remember_(*on.remembered);
        if (hit != nullptr && !hit->empty()) return *hit;
        return fail(fmt::format(
            "\"{}\" means what {} hit, but that has not fired", on.text, *on.remembered));
    }
    FL_TRY(const auto from, ends(on.from));
    FL_TRY(const auto to, ends(on.to));
    std::vector<LinkedPair> pairs;
    for (const LinkVictim& link : links_.all()) {
        if (!on.port.empty() && link.port != on.port) continue;
        if (from.contains(link.from) && to.contains(link.to))
            pairs.push_back({link.from, link.to, &link});
        if (on.both && from.contains(link.to) && to.contains(link.from))
            pairs.push_back({link.to, link.from, &link});
    }
    if (pairs.empty()) return fail(fmt::format("\"{}\" matches no link now", on.text));
    if (on.from.any) draw_one(pairs, random, [](const LinkedPair& pair) { return pair.from; });
    if (on.to.any) draw_one(pairs, random, [](const LinkedPair& pair) { return pair.to; });
    std::vector<const LinkVictim*> found;
    for (const LinkVictim& link : links_.all()) {
        const bool meant = std::any_of(
            pairs.begin(), pairs.end(), [&](const LinkedPair& pair) { return pair.link == &link; });
        if (meant) found.push_back(&link);
    }
    return hit_of(std::move(found));
}

// ---- roles

std::set<std::string> FaultTargets::asked_for_roles(const FaultSpec& fault) {
    std::set<std::string> targets;
    for (const Selector& selector : selectors_of(fault)) {
        if (selector.role) targets.insert(selector.target);
    }
    return targets;
}

std::vector<std::string> FaultTargets::meant(const FaultSpec& fault) const {
    std::vector<std::string> all;
    for (const Selector& selector : selectors_of(fault)) {
        if (selector.remembered) continue;
        for (const int index : fleet_.holders(selector))
            all.push_back(selector.text + "=" + fleet_.instance(index).name());
    }
    return all;
}

std::string FaultTargets::missing(const FaultSpec& fault) const {
    for (const Selector& selector : selectors_of(fault)) {
        if (!selector.remembered && fleet_.holders(selector).empty()) return selector.text;
    }
    if (!fault.link || fault.link->remembered || fault.link->from.remembered ||
        fault.link->to.remembered)
        return "";
    Random any(0);
    return linked(*fault.link, any) ? "" : fault.link->text;
}

}  // namespace faultline
