// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/plan_run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace ftcore {
namespace {

bool shows_in_view(Condition condition) {
    return condition != Condition::trouble_over && condition != Condition::never;
}

}  // namespace

PlanRun::PlanRun(Plan plan, std::string about)
    : plan_(std::move(plan)), about_(std::move(about)), progress_(plan_.steps.size()) {
    auto order = order_of(plan_.steps);
    FL_CHECK(order.has_value());
    order_ = std::move(*order);
}

void PlanRun::turn(Instant now, const ConditionView& view, Outbox& outbox) {
    // A step that is done lets those behind it in the order begin in the same turn.
    for (const std::size_t step : order_) {
        if (state_ != State::running) return;
        advance(now, step, view, outbox);
    }
    const bool all_done = std::all_of(progress_.begin(), progress_.end(), [](const auto& one) {
        return one.phase == Progress::Phase::done;
    });
    if (state_ == State::running && all_done) state_ = State::done;
}

void PlanRun::advance(Instant now, std::size_t step, const ConditionView& view, Outbox& outbox) {
    Progress& progress = progress_[step];
    const Step& what = plan_.steps[step];
    if (progress.phase == Progress::Phase::waiting) {
        if (!may_begin(what)) return;
        begin(now, step, outbox);
    }
    if (progress.phase == Progress::Phase::pausing && now >= progress.resume_at) act(step, outbox);
    if (progress.phase == Progress::Phase::proving && holds(what.until, view)) {
        progress.phase = Progress::Phase::done;
        return;
    }
    if (progress.phase != Progress::Phase::done && now >= late_at(step)) {
        fail(now,
             step,
             fmt::format(
                 "{} did not come true within {}",
                 progress.phase == Progress::Phase::acting ? "its answer" : name_of(what.until),
                 faultline::format_duration(what.within)),
             outbox);
    }
}

void PlanRun::begin(Instant now, std::size_t step, Outbox& outbox) {
    Progress& progress = progress_[step];
    const Step& what = plan_.steps[step];
    progress.began = now;
    progress.pause = what.pause;
    outbox.emit(now, "repair", {{"about", about_}, {"step", what.name}, {"state", "begin"}});
    if (what.action) {
        act(step, outbox);
    } else {
        progress.phase = Progress::Phase::proving;
    }
}

void PlanRun::act(std::size_t step, Outbox& outbox) {
    Progress& progress = progress_[step];
    progress.phase = Progress::Phase::acting;
    progress.action = outbox.act(*plan_.steps[step].action);
    ++progress.attempts;
    ++actions_;
}

bool PlanRun::action_done(Instant now, const signal::ActionDone& done, Outbox& outbox) {
    for (const std::size_t step : order_) {
        Progress& progress = progress_[step];
        if (progress.action != done.id || progress.phase != Progress::Phase::acting) continue;
        const Step& what = plan_.steps[step];
        if (done.ok) {
            progress.phase = Progress::Phase::proving;
        } else if (what.attempts == 0 || progress.attempts < what.attempts) {
            progress.phase = Progress::Phase::pausing;
            progress.resume_at = now + progress.pause;
            progress.pause = std::min(progress.pause * 2, what.pause_max);
        } else if (state_ == State::running) {
            fail(now, step, done.detail.empty() ? "it failed" : done.detail, outbox);
        }
        return true;
    }
    return false;
}

void PlanRun::fail(Instant now, std::size_t step, const std::string& why, Outbox& outbox) {
    state_ = State::failed;
    failure_ = fmt::format("{}: {}", plan_.steps[step].name, why);
    outbox.emit(now, "error", {{"about", about_}, {"step", plan_.steps[step].name}, {"text", why}});
    abandon(outbox);
}

void PlanRun::abandon(Outbox& outbox) {
    if (state_ == State::running) state_ = State::failed;
    for (ActionBody& undo : plan_.undo)
        outbox.act(std::move(undo));
    plan_.undo.clear();
}

Instant PlanRun::deadline() const {
    Instant next = Instant::max();
    if (state_ != State::running) return next;
    for (const std::size_t step : order_) {
        const Progress& progress = progress_[step];
        if (progress.phase == Progress::Phase::waiting || progress.phase == Progress::Phase::done)
            continue;
        next = std::min(next, late_at(step));
        if (progress.phase == Progress::Phase::pausing) next = std::min(next, progress.resume_at);
    }
    return next;
}

bool PlanRun::watches_view() const {
    return state_ == State::running &&
           std::any_of(order_.begin(), order_.end(), [this](std::size_t step) {
               return progress_[step].phase == Progress::Phase::proving &&
                      shows_in_view(plan_.steps[step].until);
           });
}

bool PlanRun::may_begin(const Step& step) const {
    return std::all_of(step.after.begin(), step.after.end(), [this](std::size_t first) {
        return progress_[first].phase == Progress::Phase::done;
    });
}

Instant PlanRun::late_at(std::size_t step) const {
    const Duration within = plan_.steps[step].within;
    return within == no_deadline ? Instant::max() : progress_[step].began + within;
}

}  // namespace ftcore
