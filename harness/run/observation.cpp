// SPDX-License-Identifier: Apache-2.0
#include "harness/run/observation.hpp"

#include <algorithm>

namespace faultline {

Observation::Observation(const Scenario& scenario, Load* load, Instant load_start)
    : scenario_(scenario), load_(load), steady_(scenario.steady_state, load_start) {}

void Observation::update(const std::vector<Injection>& injections) {
    if (load_ == nullptr) return;
    for (std::size_t i = recoveries_.size(); i < injections.size(); ++i) {
        recoveries_.emplace_back(scenario_.recovery, injections[i].at());
        for (const Operation& operation : previous_)
            recoveries_[i].feed(operation);
    }
    std::vector<Operation> settled = load_->settled_since(next_);
    next_ += settled.size();
    for (const Operation& operation : settled) {
        steady_.feed(operation);
        for (ConditionWatch& recovery : recoveries_)
            recovery.feed(operation);
    }
    if (!settled.empty()) previous_ = std::move(settled);
}

bool Observation::steady() const {
    return load_ == nullptr || steady_.held_since().has_value();
}

bool Observation::recovered() const {
    return std::all_of(recoveries_.begin(), recoveries_.end(), [&](const ConditionWatch& recovery) {
        return recovery.held_since() &&
               recovery.recent_success() >= scenario_.recovery.success_rate;
    });
}

double Observation::recent_success() const {
    return load_ == nullptr ? 1.0 : steady_.recent_success();
}

}  // namespace faultline
