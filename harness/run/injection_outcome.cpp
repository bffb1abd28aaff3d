// SPDX-License-Identifier: Apache-2.0
// What becomes of an injection after its call: the proof, and taking it back.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/run/injection_step.hpp"

namespace faultline {
namespace {

constexpr Duration proof_period = std::chrono::milliseconds(1);
constexpr Duration clear_patience = std::chrono::seconds(2);

}  // namespace

// ---- proof

void InjectionSchedule::watch_proof(Step& step) {
    refresh_victims();
    Injection& injection = injections_[step.injection];
    const Proof proof = step.fault->prove(injection.call_end);
    injection.evidence = proof.evidence;
    injection.effect = proof.effect;
    injection.observed = proof.observed;
    if (proof.effective_bound) injection.effective_bound = *proof.effective_bound;
    if (proof.effect == Effect::confirmed) {
        step.state = Step::State::done;
        if (proof.began) begin_late(step, *proof.began);
        return;
    }
    if (now() >= injection.call_end + step.fault->prove_within()) {
        return give_up(step, fmt::format("no effect was seen: {}", proof.evidence));
    }
    step.timer = loop_.call_at(now() + proof_period, [this, &step] { watch_proof(step); });
}

/// The victim itself carried the fault out, some time after the call that prepared it there.
void InjectionSchedule::begin_late(Step& step, Instant began) {
    Injection& injection = injections_[step.injection];
    injection.call_begin = injection.call_end = began;
    for (const int index : step.hit.instances)
        fleet_.doubt(index, began);
    Event event{.at = began, .seen = now(), .name = "trigger"};
    event.instance = fmt::format("{}", fmt::join(injection.on, ","));
    event.fields = {{"id", injection.id}, {"fault", injection.fault}};
    recorder_.add(std::move(event));
}

void InjectionSchedule::give_up(Step& step, const std::string& why) {
    step.state = Step::State::done;
    step.timer.cancel();
    if (problem_.empty()) {
        problem_ = fmt::format("{} ({}): {}", step.spec->id, step.spec->kind, why);
    }
    if (step.injection < injections_.size() && injections_[step.injection].id == step.spec->id &&
        injections_[step.injection].evidence.empty()) {
        injections_[step.injection].evidence = why;
    }
    if (!step.applied) forget_undo(step);
}

// ---- taking it back

void InjectionSchedule::plan_clear(Step& step) {
    step.clearing = true;
    Fault* action = step.fault.get();
    injector_->arm(
        injections_[step.injection].call_end + *step.spec->lasts,
        [action] { return action->clear(); },
        [this, &step](const Firing& firing) {
            loop_.post([this, &step, firing] { on_cleared(step, firing); });
        });
}

void InjectionSchedule::on_cleared(Step& step, const Firing& firing) {
    step.clearing = false;
    if (!firing.result) {
        if (problem_.empty())
            problem_ = fmt::format("clearing {}: {}", step.spec->id, firing.result.error().message);
        return;
    }
    step.applied = false;
    injections_[step.injection].cleared = firing.call_end;
    add_account(step);
    forget_undo(step);
    doubt_again(step, firing.call_end);
    Event event{.at = firing.call_end, .seen = now(), .name = "clear"};
    event.fields = {{"id", step.spec->id}, {"fault", step.spec->kind}};
    recorder_.add(std::move(event));
}

/// Whoever was hit and has not answered since must do so now. Those at the ends of broken links
/// have, for they are asked directly: they are whole again only when they answer after the heal.
void InjectionSchedule::doubt_again(const Step& step, Instant cleared) {
    for (const int index : step.hit.instances) {
        if (step.spec->link || !fleet_.ready_since(index)) fleet_.doubt(index, cleared);
    }
}

void InjectionSchedule::add_account(const Step& step) {
    if (step.injection >= injections_.size()) return;
    Injection& injection = injections_[step.injection];
    if (injection.effect != Effect::confirmed) return;
    if (const std::string account = step.fault->account(); !account.empty()) {
        injection.evidence += "; " + account;
    }
}

void InjectionSchedule::forget_undo(Step& step) {
    for (const std::uint64_t number : step.undo_numbers) {
        // A guardian that has died is noticed by the trial itself.
        static_cast<void>(context_.guardian.done(number));
    }
    step.undo_numbers.clear();
}

void InjectionSchedule::clear_all() {
    loop_.wait_until(now() + clear_patience, [&] {
        return std::none_of(steps_.begin(), steps_.end(), [](const auto& step) {
            return step->state == Step::State::armed;
        });
    });
    // From here on nothing fires, so that a clear cannot run on two threads at once.
    for (auto& made : victims_) {
        if (made) made->close();
    }
    injector_.reset();
    for (auto& owned : steps_) {
        Step& step = *owned;
        step.timer.cancel();
        step.clearing = false;
        if (!step.fault || !step.applied) continue;
        if (auto cleared = step.fault->clear(); !cleared) {
            if (problem_.empty())
                problem_ = fmt::format("clearing {}: {}", step.spec->id, cleared.error().message);
            continue;
        }
        step.applied = false;
        if (step.injection < injections_.size() && !injections_[step.injection].cleared &&
            step.spec->lasts) {
            injections_[step.injection].cleared = now();
        }
        add_account(step);
        forget_undo(step);
        doubt_again(step, now());
    }
    refresh_victims();
}

}  // namespace faultline
