// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/partition_order.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/inject/link/kinds/link_fault.hpp"
#include "harness/inject/link/kinds/partition_plan.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline {
namespace {

constexpr Duration period_min = std::chrono::milliseconds(10);
constexpr Duration period_max = std::chrono::hours(1);

constexpr std::array partition_shapes{std::pair{"split", link::PartitionShape::split},
                                      std::pair{"one-way", link::PartitionShape::one_way},
                                      std::pair{"isolate", link::PartitionShape::isolate},
                                      std::pair{"ring", link::PartitionShape::ring},
                                      std::pair{"bridge", link::PartitionShape::bridge}};

/// "kv@primary, load" → the instances that it means now, each once.
Result<std::vector<std::string>> members_of(const std::string& group, const FaultContext& context) {
    FL_CHECK(context.resolve != nullptr);
    constexpr const char* blanks = " \t";
    std::set<std::string> members;
    std::size_t begin = 0;
    while (begin <= group.size()) {
        const std::size_t comma = std::min(group.find(',', begin), group.size());
        std::string selector = group.substr(begin, comma - begin);
        begin = comma + 1;
        selector.erase(0, selector.find_first_not_of(blanks));
        selector.erase(selector.find_last_not_of(blanks) + 1);
        if (selector.empty())
            return fail("a selector is missing in the group \"" + group + "\"", ErrorCode::invalid);
        FL_TRY(const auto names, context.resolve(selector));
        if (names.empty()) return fail("\"" + selector + "\" matches no instance now");
        members.insert(names.begin(), names.end());
    }
    return std::vector<std::string>(members.begin(), members.end());
}

Result<link::PartitionPlan> plan_of(const FaultContext& context) {
    const Parameters& given = context.spec.parameters;
    link::PartitionShape shape = link::PartitionShape::split;
    for (const auto& [name, known] : partition_shapes) {
        if (given.get<std::string>("shape") == name) shape = known;
    }
    std::vector<std::vector<std::string>> groups;
    for (const std::string& group :
         given.find<std::vector<std::string>>("groups").value_or(std::vector<std::string>{})) {
        FL_TRY(auto members, members_of(group, context));
        groups.push_back(std::move(members));
    }
    std::set<std::string> ends;
    for (const LinkVictim& victim : context.links)
        ends.insert({victim.from, victim.to});
    return link::PartitionPlan::make(shape, groups, ends);
}

Result<> check_mode(const PartitionOrder& order) {
    if (order.mode == CutMode::stall) return {};
    for (const auto& [victim, ways] : order.cuts) {
        if (!ways.up || !ways.down) {
            return fail(
                "a connection cannot be reset one way only: with the shape one-way the mode is "
                "stall",
                ErrorCode::invalid);
        }
        if (victim.engine == nullptr) {
            return fail(victim.name +
                            " is carried by the kernel, which drops packets and resets nothing: "
                            "the mode is stall there",
                        ErrorCode::unsupported);
        }
    }
    return {};
}

std::vector<std::string> partition_shape_names() {
    std::vector<std::string> names;
    for (const auto& [name, shape] : partition_shapes)
        names.emplace_back(name);
    return names;
}

/// Nothing for 0.
Result<std::optional<Duration>> period_of(const Parameters& given) {
    const auto period = given.get<Duration>("period");
    if (period == Duration::zero()) return std::nullopt;
    FL_TRY_VOID(link::check_range(period, {"period", period_min, period_max}));
    return period;
}

}  // namespace

Result<PartitionOrder> partition_order(const FaultContext& context) {
    const Parameters& given = context.spec.parameters;
    FL_TRY(const link::PartitionPlan plan, plan_of(context));
    PartitionOrder order{.id = context.spec.id,
                         .within = given.get<Duration>("within"),
                         .link_count = context.links.size()};
    if (given.get<std::string>("mode") == "reset") order.mode = CutMode::reset;
    FL_TRY(order.period, period_of(given));
    for (const LinkVictim& victim : context.links) {
        const link::Ways ways{.up = plan.cuts(victim.from, victim.to),
                              .down = plan.cuts(victim.to, victim.from)};
        if (ways.up || ways.down) order.cuts.push_back({victim, ways});
    }
    if (order.cuts.empty()) {
        return fail(
            fmt::format("none of the {} that \"on\" names lies between two sides of this "
                        "partition",
                        link::counted(context.links.size(), "link")));
    }
    FL_TRY_VOID(check_mode(order));
    return order;
}

ParameterTable partition_parameters() {
    return {{.name = "groups",
             .type = ParameterType::groups,
             .help = "The sides, each a selector or several separated by commas, such as "
                     "[\"kv@primary, load\", \"kv@secondary\"]; who is on none keeps all links.",
             .default_value = "[]"},
            {.name = "shape",
             .type = ParameterType::choice,
             .help = "split: between groups, both ways; one-way: what the first group sends to "
                     "the others (to everyone else, if it is the only one); isolate: each of the "
                     "group from everyone; ring: each sees its two neighbours by index only; "
                     "bridge: two halves by index, the middle one sees both. Ring and bridge: of "
                     "the groups, or of all instances.",
             .default_value = "split",
             .choices = partition_shape_names()},
            {.name = "mode",
             .type = ParameterType::choice,
             .help = "stall: what is sent arrives after the heal, as TCP sends it again; reset: "
                     "connections are reset and new ones refused.",
             .default_value = "stall",
             .choices = {"stall", "reset"}},
            {.name = "period",
             .type = ParameterType::duration,
             .help = "Flapping: cut for half of this time, healed for the other half, and so on; "
                     "0s: cut all the time. From 10ms.",
             .default_value = "0s",
             .minimum = 0,
             .maximum = link::bound_of(period_max)},
            proof_within_parameter()};
}

}  // namespace faultline
