// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {
namespace {

using Fields = std::map<std::string, std::string>;

std::optional<Selector> selector_in(const DecodedSection& section, const std::string& key) {
    const auto text = section.values.find<std::string>(key);
    if (!text) return std::nullopt;
    return *parse_selector(*text);  // it was decoded, so it parses
}

void decode_after(const Node& node, const DecodeContext& context, TriggerSpec& trigger) {
    const DecodedSection section = decode_section(after_section(), node, context);
    trigger.after_event = section.values.find<std::string>("event").value_or("");
    trigger.after_fields = section.values.find<Fields>("where").value_or(Fields{});
    trigger.after_from = selector_in(section, "from");
    trigger.after_delay = section.values.get<Duration>("delay");
    trigger.after_within = section.values.get<Duration>("within");
}

TriggerSpec trigger_of(const DecodedSection& section, const DecodeContext& context) {
    TriggerSpec trigger;
    trigger.at = section.values.find<Duration>("at");
    trigger.jitter = section.values.get<Duration>("jitter");
    const Node* after = section.part("after");
    if (after != nullptr) decode_after(*after, context, trigger);
    if (section.node->object() == nullptr || section.has("at") != section.has("after"))
        return trigger;
    context.mistakes.add(section.node->place,
                         section.has("at")
                             ? "\"at\" and \"after\" are both there; keep one"
                             : "\"at\" is missing: say when to inject, with \"at\" or \"after\"");
    return trigger;
}

void check_id(const Node& node, const std::string& id, const DecodeContext& context) {
    if (const auto good = check_name(id, "fault"); !good) {
        context.mistakes.add(node.place, good.error().message);
    }
    const auto earlier = context.names.injection_ids();
    if (std::find(earlier.begin(), earlier.end(), id) != earlier.end()) {
        context.mistakes.add(node.place,
                             fmt::format("the id \"{}\" is taken by an earlier fault", id));
    }
    for (const MeasureMetric& metric : measure_metrics()) {
        if (metric.name == id) {
            context.mistakes.add(node.place,
                                 fmt::format("\"{}\" is a measure; name the fault otherwise", id));
        }
    }
}

/// The target that the parameters beside "on" speak of: the one that is hit, of links the one that
/// listens.
Scope scope_by_on(const Node& node, const Names& names) {
    const Node* on = node.find("on");
    if (on == nullptr || on->text() == nullptr || !has_arrow(*on->text()))
        return scope_by(node, "on", names);
    const auto parsed = parse_link_selector(*on->text());
    return parsed ? scope_of(*parsed, names) : Scope{.unsure = true};
}

/// "kv->kv.peer", as it could be written here.
std::string example_of_link(const Names& names) {
    if (names.links.empty()) return "kv->kv.peer";
    const LinkName& link = names.links.front();
    return fmt::format("{}->{}.{}", link.from, link.to, link.port);
}

std::string kinds_on_links(const DecodeContext& context) {
    std::string all;
    for (const Kind& kind : context.catalog.faults) {
        if (kind.on_links) all += (all.empty() ? "" : ", ") + kind.name;
    }
    return all.empty() ? "faults on links" : all;
}

/// "on", as the kind takes it: instances or links.
void decode_on(const Node& on,
               const DecodedSection& section,
               const DecodeContext& context,
               FaultSpec& fault) {
    const std::string* text = on.text();
    const bool remembered = text != nullptr && text->starts_with('$') && !has_arrow(*text);
    const bool means_links = text != nullptr && has_arrow(*text);
    const bool takes_links = section.kind == nullptr ? means_links : section.kind->on_links;
    if (means_links && !takes_links) {
        context.mistakes.add(on.place,
                             fmt::format("\"{}\" means links, and {} is put on instances; these "
                                         "are put on links: {}",
                                         *text,
                                         fault.kind,
                                         kinds_on_links(context)));
        return;
    }
    if (takes_links && text != nullptr && !means_links && !remembered) {
        context.mistakes.add(on.place,
                             fmt::format("\"{}\" means instances, and {} is put on links; write "
                                         "for example \"{}\"",
                                         *text,
                                         fault.kind,
                                         example_of_link(context.names)));
        return;
    }
    const ValueContext values = context.values();
    if (takes_links) {
        fault.link = decode_link_selector(on, values);
    } else {
        fault.on = decode_selector(on, values).value_or(Selector{});
    }
}

void check_packets(const DecodedSection& section,
                   const DecodeContext& context,
                   Isolation isolation) {
    if (section.kind == nullptr || !section.kind->needs_packets || isolation != Isolation::process)
        return;
    context.mistakes.add(section.node->find("fault")->place,
                         fmt::format("{} needs a network that the kernel carries: set "
                                     "\"isolation\" to \"netns\" or \"auto\"",
                                     section.kind->name));
}

FaultSpec fault_of(const Node& node,
                   std::size_t number,
                   const DecodeContext& context,
                   Isolation isolation) {
    const DecodedSection section =
        decode_section(fault_section(), node, context, scope_by_on(node, context.names));
    FaultSpec fault;
    fault.id = fmt::format("fault-{}", number);
    if (const auto id = section.values.find<std::string>("id")) {
        fault.id = *id;
        fault.named = true;
        check_id(*node.find("id"), *id, context);
    }
    if (section.kind != nullptr) fault.kind = section.kind->name;
    if (const Node* on = section.part("on")) decode_on(*on, section, context, fault);
    check_packets(section, context, isolation);
    fault.trigger = trigger_of(section, context);
    fault.lasts = section.values.find<Duration>("for");
    fault.diagnosis = section.values.find<std::string>("diagnosis");
    if (fault.diagnosis && fault.diagnosis->empty()) {
        context.mistakes.add(node.find("diagnosis")->place,
                             "\"diagnosis\" is empty; name the cause, or leave it out");
    }
    if (section.has("for") && section.kind != nullptr && !section.kind->clears) {
        context.mistakes.add(
            node.find("for")->place,
            fmt::format("{} is over at once and cannot be cleared; leave \"for\" out",
                        section.kind->name));
    }
    fault.parameters = section.own;
    return fault;
}

}  // namespace

void decode_faults(const Node* node, DecodeContext& context, Scenario& scenario) {
    if (node == nullptr) return;
    if (node->array() == nullptr) {
        context.mistakes.add(node->place, "expected an array of faults, found " + describe(*node));
        return;
    }
    constexpr std::size_t faults_max = 1000;
    if (node->array()->size() > faults_max) {
        context.mistakes.add(node->place,
                             fmt::format("more than {} faults in one trial", faults_max));
        return;
    }
    for (const Node& item : *node->array()) {
        FaultSpec fault = fault_of(item, scenario.faults.size() + 1, context, scenario.isolation);
        const Scope scope = scope_by_on(item, context.names);
        const Kind* kind = find_kind(context.catalog.faults, fault.kind);
        context.names.injections.push_back(
            {.id = fault.id,
             .target = scope.target == nullptr ? std::string() : scope.target->name,
             .on_links = kind != nullptr && kind->on_links});
        scenario.faults.push_back(std::move(fault));
    }
}

}  // namespace faultline
