// SPDX-License-Identifier: Apache-2.0
#include "harness/run/observation.hpp"

#include <algorithm>

namespace faultline {

Observation::Observation(const Scenario& scenario, Load* load, Instant load_start)
    : scenario_(scenario), load_(load), steady_(scenario.steady_state, load_start) {}

void Observation::update(const std::vector<Injection>& injections) {
    if (load_ == nullptr) return;
    for (std::size_t i = 0; i < injections.size(); ++i) {
        const Instant from = injections[i].at();
        if (i == recoveries_.size()) {
            recoveries_.push_back(begin_recovery(from));
        } else if (recoveries_[i].from != from) {
            recoveries_[i] = begin_recovery(from);  // it waited in the victim for its moment
        }
    }
    std::vector<Operation> settled = load_->settled_since(next_);
    next_ += settled.size();
    for (const Operation& operation : settled) {
        steady_.feed(operation);
        for (Recovery& recovery : recoveries_)
            recovery.watch.feed(operation);
    }
    if (!settled.empty()) previous_ = std::move(settled);
}

bool Observation::steady() const {
    return load_ == nullptr || steady_.held_since().has_value();
}

bool Observation::recovered() const {
    return std::all_of(recoveries_.begin(), recoveries_.end(), [&](const Recovery& recovery) {
        return recovery.watch.held_since() &&
               recovery.watch.recent_success() >= scenario_.recovery.success_rate;
    });
}

Observation::Recovery Observation::begin_recovery(Instant from) const {
    Recovery recovery{from, ConditionWatch(scenario_.recovery, from)};
    for (const Operation& operation : previous_)
        recovery.watch.feed(operation);
    return recovery;
}

double Observation::recent_success() const {
    return load_ == nullptr ? 1.0 : steady_.recent_success();
}

}  // namespace faultline
