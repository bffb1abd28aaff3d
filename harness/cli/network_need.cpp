// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/network_need.hpp"

#include <algorithm>

#include "harness/launch/network_rights.hpp"

namespace faultline::cli {

Result<> take_network_rights(std::span<const Scenario* const> scenarios) {
    const auto any = [scenarios](auto condition) {
        return std::ranges::any_of(
            scenarios, [&](const Scenario* scenario) { return condition(scenario->isolation); });
    };
    if (!any([](Isolation isolation) { return isolation != Isolation::process; })) return {};
    const auto entered = enter_user_namespace_if_needed();
    if (entered || !any([](Isolation isolation) { return isolation == Isolation::netns; }))
        return {};
    return in_context("isolation \"netns\"", entered.error());
}

}  // namespace faultline::cli
