// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/diagnose/diagnosis.hpp"
#include "targets/core/recover/plan.hpp"
#include "targets/core/recover/standby.hpp"
#include "targets/core/repair/strategy.hpp"

namespace ftcore {

/// What a plan depends on besides its strategy.
struct PlanView {
    const Diagnosis& diagnosis;
    bool leading = false;
    bool healthy_peer = false;
    StandbyMode mode = StandbyMode::hot;
};

/// The steps of a strategy, here and now.
[[nodiscard]] Plan plan_for(Strategy strategy, const PlanView& view);

}  // namespace ftcore
