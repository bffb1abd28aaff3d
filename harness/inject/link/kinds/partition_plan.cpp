// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/partition_plan.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

namespace faultline::link {
namespace {

using Group = std::vector<std::string>;

constexpr std::size_t ring_min = 4;  // of three, each sees both others
constexpr std::size_t bridge_min = 3;

/// "kv[10]" → {"kv", 10}: by target, then by index as a number.
std::pair<std::string, int> place_of(const std::string& name) {
    const std::size_t bracket = name.find('[');
    int index = -1;
    if (bracket != std::string::npos)
        std::from_chars(name.data() + bracket + 1, name.data() + name.size(), index);
    return {name.substr(0, bracket), index};
}

/// Those who stand in the ring or on the bridge, in order.
Group members_in_order(const std::vector<Group>& groups, const std::set<std::string>& ends) {
    Group members;
    for (const Group& group : groups)
        members.insert(members.end(), group.begin(), group.end());
    if (groups.empty()) members.assign(ends.begin(), ends.end());
    if (groups.empty()) std::erase(members, "load");
    std::sort(members.begin(), members.end(), [](const std::string& a, const std::string& b) {
        return place_of(a) < place_of(b);
    });
    return members;
}

Result<> check_groups(const std::vector<Group>& groups) {
    std::map<std::string, std::size_t> group_of;
    for (std::size_t index = 0; index < groups.size(); ++index) {
        if (groups[index].empty())
            return fail(fmt::format("group {} is empty", index + 1), ErrorCode::invalid);
        for (const std::string& name : groups[index]) {
            const auto [known, fresh] = group_of.emplace(name, index);
            if (fresh) continue;
            return fail(fmt::format("{} is in group {} and in group {}; nobody can be on two sides",
                                    name,
                                    known->second + 1,
                                    index + 1),
                        ErrorCode::invalid);
        }
    }
    return {};
}

Result<> need(bool enough, std::string_view message, std::size_t found) {
    if (enough) return {};
    return fail(fmt::format("{}, found {}", message, found), ErrorCode::invalid);
}

}  // namespace

void PartitionPlan::cut_both(const std::string& a, const std::string& b) {
    cut(a, b);
    cut(b, a);
}

Result<PartitionPlan> PartitionPlan::make(PartitionShape shape,
                                          const std::vector<Group>& groups,
                                          const std::set<std::string>& ends) {
    FL_TRY_VOID(check_groups(groups));
    PartitionPlan plan;
    switch (shape) {
        case PartitionShape::split:
            FL_TRY_VOID(need(groups.size() >= 2, "split needs two groups or more", groups.size()));
            for (const Group& one : groups) {
                for (const Group& other : groups) {
                    if (&one == &other) continue;
                    for (const std::string& from : one) {
                        for (const std::string& to : other)
                            plan.cut(from, to);
                    }
                }
            }
            break;
        case PartitionShape::one_way: {
            FL_TRY_VOID(need(!groups.empty(), "one-way needs a group or more", groups.size()));
            const Group& first = groups.front();
            Group others;
            for (std::size_t index = 1; index < groups.size(); ++index)
                others.insert(others.end(), groups[index].begin(), groups[index].end());
            if (groups.size() == 1) {
                std::set_difference(ends.begin(),
                                    ends.end(),
                                    first.begin(),
                                    first.end(),
                                    std::back_inserter(others));
            }
            for (const std::string& from : first) {
                for (const std::string& to : others)
                    plan.cut(from, to);
            }
            break;
        }
        case PartitionShape::isolate:
            FL_TRY_VOID(need(groups.size() == 1, "isolate needs one group", groups.size()));
            for (const std::string& alone : groups.front()) {
                for (const std::string& other : ends) {
                    if (other != alone) plan.cut_both(alone, other);
                }
            }
            break;
        case PartitionShape::ring: {
            const Group members = members_in_order(groups, ends);
            const std::size_t count = members.size();
            FL_TRY_VOID(need(count >= ring_min, "ring needs 4 instances or more", count));
            for (std::size_t a = 0; a < count; ++a) {
                for (std::size_t b = a + 2; b < count; ++b) {
                    const bool neighbours = a == 0 && b == count - 1;
                    if (!neighbours) plan.cut_both(members[a], members[b]);
                }
            }
            break;
        }
        case PartitionShape::bridge: {
            const Group members = members_in_order(groups, ends);
            const std::size_t count = members.size();
            FL_TRY_VOID(need(count >= bridge_min, "bridge needs 3 instances or more", count));
            const std::size_t middle = count / 2;
            for (std::size_t a = 0; a < middle; ++a) {
                for (std::size_t b = middle + 1; b < count; ++b)
                    plan.cut_both(members[a], members[b]);
            }
            break;
        }
    }
    return plan;
}

}  // namespace faultline::link
