// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {

void decode_roles(const Node* node, DecodeContext& context, Scenario& scenario) {
    if (node == nullptr) return;
    if (node->object() == nullptr) {
        context.mistakes.add(
            node->place, "expected an object of targets and their roles, found " + describe(*node));
        return;
    }
    for (const auto& [target, target_place, roles] : *node->object()) {
        const Scope scope{.target = context.names.find_target(target),
                          .unsure = context.names.find_target(target) == nullptr};
        if (scope.unsure) {
            context.mistakes.add(target_place,
                                 fmt::format("unknown target \"{}\"{}",
                                             target.substr(0, 60),
                                             suggest(target, context.names.target_names())));
        }
        if (roles.object() == nullptr) {
            context.mistakes.add(
                roles.place,
                "expected an object of roles and their probes, found " + describe(roles));
            continue;
        }
        for (const auto& [role, role_place, probe] : *roles.object()) {
            if (const auto good = check_name(role, "role"); !good) {
                context.mistakes.add(role_place, good.error().message);
            }
            const DecodedSection section = decode_section(role_section(), probe, context, scope);
            scenario.roles.push_back({target, role, probe_of(section, context, scope)});
        }
    }
}

}  // namespace faultline
