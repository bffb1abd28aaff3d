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

FaultSpec fault_of(const Node& node, std::size_t number, const DecodeContext& context) {
    const DecodedSection section =
        decode_section(fault_section(), node, context, scope_by(node, "on", context.names));
    FaultSpec fault;
    fault.id = fmt::format("fault-{}", number);
    if (const auto id = section.values.find<std::string>("id")) {
        fault.id = *id;
        fault.named = true;
        check_id(*node.find("id"), *id, context);
    }
    if (section.kind != nullptr) fault.kind = section.kind->name;
    fault.on = selector_in(section, "on").value_or(Selector{});
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
        FaultSpec fault = fault_of(item, scenario.faults.size() + 1, context);
        const Scope scope = scope_by(item, "on", context.names);
        context.names.injections.push_back(
            {fault.id, scope.target == nullptr ? std::string() : scope.target->name});
        scenario.faults.push_back(std::move(fault));
    }
}

}  // namespace faultline
