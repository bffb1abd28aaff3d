// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {
namespace {

ConditionSpec condition_of(const Node* node, const DecodeContext& context) {
    const DecodedSection section = decode_section_or_defaults(condition_section(), node, context);
    return ConditionSpec{.success_rate = section.values.get<double>("success_rate"),
                         .latency = section.values.find<Duration>("latency"),
                         .window = section.values.get<Duration>("for"),
                         .within = section.values.get<Duration>("within")};
}

void decode_reconnect(const Node* node, const DecodeContext& context, LoadSpec& load) {
    const DecodedSection section = decode_section_or_defaults(reconnect_section(), node, context);
    load.reconnect_first = section.values.get<Duration>("first");
    load.reconnect_max = section.values.get<Duration>("max");
    if (load.reconnect_first <= load.reconnect_max || node == nullptr) return;
    const Node* first = node->find("first");
    context.mistakes.add(first == nullptr ? node->place : first->place,
                         "\"first\" is longer than \"max\"");
}

LoadSpec load_of(const Node& node, const DecodeContext& context) {
    Scope scope = scope_by(node, "to", context.names);
    scope.victims_known = false;
    const DecodedSection section = decode_section(load_section(), node, context, scope);
    LoadSpec load;
    if (section.kind != nullptr) load.driver = section.kind->name;
    if (const auto to = section.values.find<std::string>("to")) {
        load.to = *parse_selector(*to);  // it was decoded, so it parses
    }
    load.port = section.values.find<std::string>("port").value_or("");
    load.rate = section.values.get<double>("rate");
    load.arrivals = section.values.get<std::string>("arrivals") == "poisson" ? Arrivals::poisson
                                                                             : Arrivals::constant;
    load.connections = static_cast<int>(section.values.get<std::int64_t>("connections"));
    load.in_flight_max = static_cast<int>(section.values.get<std::int64_t>("in_flight"));
    load.timeout = section.values.get<Duration>("timeout");
    decode_reconnect(section.part("reconnect"), context, load);
    load.lag_max = section.values.get<Duration>("lag_max");
    load.parameters = section.own;
    return load;
}

}  // namespace

void decode_load(const DecodedSection& document, DecodeContext& context, Scenario& scenario) {
    const Node* load = document.part("load");
    if (load != nullptr) scenario.load = load_of(*load, context);
    for (const std::string_view name : {"steady_state", "recovery"}) {
        const Node* condition = document.part(name);
        (name == "recovery" ? scenario.recovery : scenario.steady_state) =
            condition_of(condition, context);
        if (condition != nullptr && load == nullptr) {
            context.mistakes.add(
                condition->place,
                fmt::format("\"{}\" speaks of operations, but the scenario has no \"load\"", name));
        }
    }
    scenario.detection_within =
        document.values.find<Duration>("detection_within").value_or(scenario.recovery.within);
    scenario.success_window = document.values.get<Duration>("success_window");
    if (const Node* redundancy = document.part("redundancy")) {
        const DecodedSection section = decode_section(redundancy_section(), *redundancy, context);
        scenario.redundancy = RedundancySpec{section.values.get<Duration>("within")};
    }
}

}  // namespace faultline
