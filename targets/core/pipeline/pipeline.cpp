// SPDX-License-Identifier: Apache-2.0
#include "targets/core/pipeline.hpp"

#include "harness/base/check.hpp"
#include "targets/core/pipeline/stages.hpp"

namespace ftcore {

Pipeline::Pipeline(PipelineSettings settings, Instant now) {
    FL_CHECK(check(settings).has_value());
    state_ = std::make_unique<State>(std::move(settings), now);
}

Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

void Pipeline::signal(Instant now, Signal signal) {
    state_->signal(now, signal);
}

void Pipeline::turn(Instant now, const NodeView& view) {
    state_->turn(now, view);
}

Instant Pipeline::deadline() const {
    return state_->deadline();
}

std::vector<Action> Pipeline::take_actions() {
    return state_->outbox.take_actions();
}

std::vector<PipelineEvent> Pipeline::take_events() {
    return state_->outbox.take_events();
}

std::vector<NodeId> Pipeline::suspected() const {
    return state_->suspected();
}

Health Pipeline::health() const {
    return state_->health();
}

std::vector<std::string> Pipeline::report() const {
    return state_->report();
}

}  // namespace ftcore
