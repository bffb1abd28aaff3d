// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "targets/core/monitor/signal.hpp"
#include "targets/core/pipeline/outbox.hpp"
#include "targets/core/recover/plan.hpp"

namespace ftcore {

/// One plan on its way. A step begins when those before it are done, acts, waits for `ActionDone`,
/// then for its condition; steps that do not depend on each other run at once.
///
///   waiting ─► acting ─► proving ─► done
///               ▲  │ failed             │ any step too late, or out of attempts:
///               └─ pausing              ▼ the plan has failed
///
/// Thread: one owner.
class PlanRun {
  public:
    enum class State : std::uint8_t { running, done, failed };

    /// Requires: the steps can be ordered.
    PlanRun(Plan plan, std::string about);

    void turn(Instant now, const ConditionView& view, Outbox& outbox);
    /// Whether it was an action of this run.
    bool action_done(Instant now, const signal::ActionDone& done, Outbox& outbox);
    /// Gives up half way: what the plan says for that is done.
    void abandon(Outbox& outbox);

    [[nodiscard]] State state() const { return state_; }
    /// Why it failed.
    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] const Plan& plan() const { return plan_; }
    /// When a step is late or a pause over; Instant::max() when only signals can move it.
    [[nodiscard]] Instant deadline() const;
    [[nodiscard]] int actions() const { return actions_; }
    /// Whether it waits for something that only the view can show.
    [[nodiscard]] bool watches_view() const;

  private:
    struct Progress {
        enum class Phase : std::uint8_t { waiting, acting, pausing, proving, done };
        Phase phase = Phase::waiting;
        Instant began{};
        std::uint64_t action = 0;
        int attempts = 0;
        Duration pause{};
        Instant resume_at{};
    };

    void advance(Instant now, std::size_t step, const ConditionView& view, Outbox& outbox);
    void begin(Instant now, std::size_t step, Outbox& outbox);
    void act(std::size_t step, Outbox& outbox);
    void fail(Instant now, std::size_t step, const std::string& why, Outbox& outbox);
    [[nodiscard]] bool may_begin(const Step& step) const;
    [[nodiscard]] Instant late_at(std::size_t step) const;

    Plan plan_;
    std::string about_;
    std::vector<std::size_t> order_;
    std::vector<Progress> progress_;
    State state_ = State::running;
    std::string failure_{};
    int actions_ = 0;
};

}  // namespace ftcore
