// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/nearest.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/run/catalog.hpp"

namespace faultline::cli {
namespace {

struct Shelf {
    std::string name;
    std::string title;
    const std::vector<Kind>* kinds;
};

void print_parameter(const Parameter& parameter) {
    std::string note;
    if (parameter.required) note = "required";
    if (!parameter.default_value.empty()) note = "default " + parameter.default_value;
    if (!parameter.choices.empty())
        note += fmt::format(
            "{}one of {}", note.empty() ? "" : "; ", fmt::join(parameter.choices, ", "));
    fmt::print(
        "    {:<18} {}{}\n", parameter.name, parameter.help, note.empty() ? "" : " (" + note + ")");
}

void print_kind(const Kind& kind, bool with_parameters) {
    fmt::print("  {:<22} {}\n", kind.name, kind.about);
    if (!with_parameters) return;
    for (const Parameter& parameter : kind.parameters)
        print_parameter(parameter);
    const std::string put_on = !kind.on_links       ? ""
                               : kind.needs_packets ? "links, with isolation netns or auto"
                                                    : "links, such as load->kv.client";
    const std::pair<const char*, const std::string*> facts[] = {
        {"on", &put_on}, {"needs", &kind.needs}, {"undo", &kind.undo}, {"proof", &kind.proof}};
    for (const auto& [name, text] : facts) {
        if (!text->empty()) fmt::print("    {:<18} {}\n", std::string("(") + name + ")", *text);
    }
}

}  // namespace

int list(const ListCommand& command) {
    const Catalog& catalog = full_catalog();
    const Shelf shelves[] = {{"faults", "Fault kinds", &catalog.faults},
                             {"drivers", "Load drivers", &catalog.drivers},
                             {"probes", "Probes", &catalog.probes}};
    for (const Shelf& shelf : shelves) {
        if (!command.what.empty() && command.what != shelf.name) continue;
        if (!command.name.empty()) {
            const Kind* kind = find_kind(*shelf.kinds, command.name);
            if (kind == nullptr) {
                return complain(fmt::format("no such kind among the {}: \"{}\"{}",
                                            shelf.name,
                                            command.name,
                                            suggestion(command.name, names_of(*shelf.kinds))),
                                exit_code_of(RunOutcome::usage));
            }
            print_kind(*kind, true);
            continue;
        }
        fmt::print("{}\n", shelf.title);
        for (const Kind& kind : *shelf.kinds)
            print_kind(kind, !command.what.empty());
        fmt::print("\n");
    }
    if (command.what.empty())
        fmt::print("With parameters: faultline list faults, faultline list probes redis.role\n");
    return 0;
}

}  // namespace faultline::cli
