// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/start_order.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/nearest.hpp"

namespace ftcore {
namespace {

using faultline::ErrorCode;
using faultline::fail;

Result<> check_names(const std::vector<ChildSpec>& children) {
    std::vector<std::string> names;
    for (const ChildSpec& child : children) {
        if (std::find(names.begin(), names.end(), child.name) != names.end()) {
            return fail(
                fmt::format("two children are called {}; give each its own name", child.name),
                ErrorCode::invalid);
        }
        names.push_back(child.name);
    }
    for (const ChildSpec& child : children) {
        for (const std::string& other : child.after) {
            if (std::find(names.begin(), names.end(), other) != names.end()) continue;
            return fail(fmt::format("{} starts after {}, which is no child{}",
                                    child.name,
                                    other,
                                    faultline::suggestion(other, names)),
                        ErrorCode::invalid);
        }
    }
    return {};
}

}  // namespace

Result<std::vector<std::size_t>> start_order(const std::vector<ChildSpec>& children) {
    FL_TRY_VOID(check_names(children));
    std::vector<std::size_t> order;
    std::set<std::string> placed;
    while (order.size() < children.size()) {
        const auto next =
            std::find_if(children.begin(), children.end(), [&placed](const ChildSpec& child) {
                return !placed.contains(child.name) &&
                       std::all_of(
                           child.after.begin(),
                           child.after.end(),
                           [&placed](const std::string& name) { return placed.contains(name); });
            });
        if (next == children.end()) break;
        placed.insert(next->name);
        order.push_back(static_cast<std::size_t>(next - children.begin()));
    }
    if (order.size() == children.size()) return order;
    std::vector<std::string> stuck;
    for (const ChildSpec& child : children) {
        if (!placed.contains(child.name)) stuck.push_back(child.name);
    }
    return fail(
        fmt::format("{} wait for each other; take away one \"after\"", fmt::join(stuck, ", ")),
        ErrorCode::invalid);
}

}  // namespace ftcore
