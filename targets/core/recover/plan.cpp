// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace ftcore {
namespace {

bool ready(const Step& step, const std::vector<bool>& placed) {
    return std::all_of(step.after.begin(), step.after.end(), [&placed](std::size_t first) {
        return placed[first];
    });
}

}  // namespace

Result<std::vector<std::size_t>> order_of(std::span<const Step> steps) {
    for (const Step& step : steps) {
        for (const std::size_t first : step.after) {
            if (first < steps.size()) continue;
            return faultline::fail(
                fmt::format(
                    "step {} waits for step number {} of {}", step.name, first, steps.size()),
                faultline::ErrorCode::invalid);
        }
    }
    std::vector<std::size_t> order;
    std::vector<bool> placed(steps.size(), false);
    while (order.size() < steps.size()) {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (placed[i] || !ready(steps[i], placed)) continue;
            if (!best || steps[i].priority > steps[*best].priority) best = i;
        }
        if (!best) {
            const auto stuck = std::find(placed.begin(), placed.end(), false);
            return faultline::fail(
                fmt::format("step {} waits for itself, by way of others; break the cycle",
                            steps[static_cast<std::size_t>(stuck - placed.begin())].name),
                faultline::ErrorCode::invalid);
        }
        placed[*best] = true;
        order.push_back(*best);
    }
    return order;
}

}  // namespace ftcore
