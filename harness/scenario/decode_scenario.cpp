// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {
namespace {

void decode_name(const DecodedSection& document, const DecodeContext& context, Scenario& scenario) {
    constexpr std::size_t length_max = 100;  // it becomes part of a folder's name
    const auto name = document.values.find<std::string>("name");
    if (!name) return;
    scenario.name = *name;
    const bool good = !name->empty() && name->size() <= length_max && name->front() != '.' &&
                      name->find_first_not_of(
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789._-") == std::string::npos;
    if (good) return;
    context.mistakes.add(
        document.node->find("name")->place,
        fmt::format("\"{}\" names folders; use letters, digits, '.', '_' and '-', no '.' in "
                    "front, 1 to {} characters",
                    name->substr(0, 60),
                    length_max));
}

Isolation isolation_of(const DecodedSection& document) {
    const auto written = document.values.get<std::string>("isolation");
    if (written == "netns") return Isolation::netns;
    return written == "auto" ? Isolation::automatic : Isolation::process;
}

std::string plain_text(const Node* node, const DecodeContext& context) {
    if (node == nullptr) return "";
    if (node->text() != nullptr) return *node->text();
    context.mistakes.add(node->place, "expected a text, found " + describe(*node));
    return "";
}

std::optional<std::uint64_t> seed_of(const Node* node, const DecodeContext& context) {
    if (node == nullptr) return std::nullopt;
    if (const auto* value = std::get_if<std::uint64_t>(&node->value)) return *value;
    const auto* value = std::get_if<std::int64_t>(&node->value);
    if (value != nullptr && *value >= 0) return static_cast<std::uint64_t>(*value);
    context.mistakes.add(
        node->place,
        "expected a whole number from 0 to 18446744073709551615, found " + describe(*node));
    return std::nullopt;
}

}  // namespace

void decode_trials(const Node* node, DecodeContext& context, Scenario& scenario) {
    const DecodedSection section = decode_section_or_defaults(trials_section(), node, context);
    scenario.trials.count = static_cast<int>(section.values.get<std::int64_t>("count"));
    scenario.trials.control = static_cast<int>(section.values.get<std::int64_t>("control"));
    scenario.trials.seed = seed_of(section.part("seed"), context);
}

Scenario decode_scenario(const Node& document, const Catalog& catalog, Mistakes& mistakes) {
    DecodeContext context{
        .mistakes = mistakes, .catalog = catalog, .names = collect_names(document)};
    const DecodedSection section = decode_section(scenario_section(), document, context);
    Scenario scenario;
    decode_name(section, context, scenario);
    scenario.about = plain_text(section.part("about"), context);
    static_cast<void>(
        plain_text(section.part("$schema"), context));  // for editors alone, but a text
    decode_targets(section.part("targets"), context, scenario);
    decode_secrets(section.part("secret"), context, scenario);
    decode_roles(section.part("roles"), context, scenario);
    decode_load(section, context, scenario);
    decode_links(section.part("links"), context, scenario);
    scenario.isolation = isolation_of(section);
    decode_faults(section.part("faults"), context, scenario);
    decode_detection(section.part("detection"), context, scenario);
    decode_trials(section.part("trials"), context, scenario);
    decode_expectations(section.part("expect"), context, scenario);
    return scenario;
}

}  // namespace faultline
