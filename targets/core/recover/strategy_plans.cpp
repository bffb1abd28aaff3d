// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/strategy_plans.hpp"

#include <fmt/format.h>

namespace ftcore {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration hand_over_within = seconds(2);
constexpr Duration rotate_within = seconds(3);
constexpr Duration stop_within = seconds(5);
constexpr Duration storage_hold = milliseconds(200);  // it must stay well for so long

std::string reason_of(const Diagnosis& diagnosis) {
    return fmt::format("{}: {}", name_of(diagnosis.cause), diagnosis.evidence_text());
}

Plan waiting(std::string name, Condition until, std::string effect) {
    return {.steps = {{.name = std::move(name), .until = until}}, .effect = std::move(effect)};
}

Step hand_over_step(const Diagnosis& diagnosis) {
    return {.name = "hand_over_lead",
            .action = action::HandOverLead{reason_of(diagnosis)},
            .until = Condition::not_leading,
            .within = hand_over_within,
            .priority = 1};
}

Plan fail_over(const PlanView& view) {
    const Suspicion suspicion =
        view.diagnosis.cause == Cause::crash ? Suspicion::confirmed : Suspicion::suspected;
    return {.steps = {{.name = "suspect_leader",
                       .action = action::SuspectLeader{view.diagnosis.about, suspicion},
                       .until = Condition::other_leader,
                       .within = patience_of(view.mode)}},
            .effect = "another node leads"};
}

Plan hand_over(const PlanView& view) {
    return {.steps = {hand_over_step(view.diagnosis)}, .effect = "another node leads"};
}

Plan rotate_log(const PlanView& view) {
    Plan plan{
        .effect = "the log goes on in a new segment, nothing that was acknowledged is missing",
        .verify = Condition::storage_ok,
        .verify_hold = storage_hold,
        .announces = true};
    plan.steps.push_back({.name = "rotate_log",
                          .action = action::RotateLog{},
                          .until = Condition::storage_ok,
                          .within = rotate_within,
                          .attempts = 3});
    // Both at once: neither needs the other, and the lead must not wait for the disk.
    if (view.leading) plan.steps.push_back(hand_over_step(view.diagnosis));
    return plan;
}

Plan make_room(const PlanView& view) {
    Plan plan{.effect = "the disk takes writes again",
              .verify = Condition::storage_ok,
              .verify_hold = storage_hold,
              .announces = true,
              .undo = {action::RefuseWrites{.on = false, .code = ErrorCode::storage_full}}};
    plan.steps.push_back(
        {.name = "refuse_writes",
         .action = action::RefuseWrites{.on = true, .code = ErrorCode::storage_full},
         .within = stop_within,
         .priority = 2});
    // People make the room; how long that takes nobody knows, so only the pause has a limit.
    plan.steps.push_back({.name = "rotate_log",
                          .action = action::RotateLog{},
                          .until = Condition::storage_ok,
                          .attempts = 0,
                          .pause_max = std::chrono::milliseconds(250)});
    plan.steps.push_back(
        {.name = "accept_writes",
         .action = action::RefuseWrites{.on = false, .code = ErrorCode::storage_full},
         .within = stop_within,
         .after = {0, 1}});
    if (view.leading && view.healthy_peer) {
        // What filled this disk may be filling the others: nobody may want the lead, and then this
        // node keeps it, and the reads.
        Step hand_over = hand_over_step(view.diagnosis);
        hand_over.until = Condition::none;
        plan.steps.push_back(std::move(hand_over));
    }
    return plan;
}

Plan resynchronise(const PlanView& view) {
    Plan plan{.effect = "what was damaged was fetched from the leader",
              .verify = Condition::caught_up,
              .verify_hold = storage_hold,
              .announces = true};
    Step fetch{.name = "resynchronise",
               .action = action::Resynchronise{},
               .until = Condition::caught_up,
               .within = patience_of(StandbyMode::cold)};
    if (view.leading) {
        // A leader has nobody to fetch from. If nobody can take the lead it keeps it: what it holds
        // in memory is whole, and a fresh snapshot mends the disk.
        Step hand_over = hand_over_step(view.diagnosis);
        hand_over.until = Condition::none;
        plan.steps.push_back(std::move(hand_over));
        fetch.after = {0};
    }
    plan.steps.push_back(std::move(fetch));
    return plan;
}

Plan await_return() {
    Plan plan = waiting("await_return", Condition::trouble_over, "the peer is back");
    plan.verify = Condition::trouble_over;
    plan.announces = true;
    return plan;
}

Plan shed() {
    Plan plan = waiting("shed", Condition::trouble_over, "the queue is short, nothing is refused");
    plan.verify = Condition::trouble_over;
    plan.announces = true;
    return plan;
}

Plan restart_self(const PlanView& view) {
    return {.steps = {{.name = "restart_self",
                       .action = action::RestartSelf{reason_of(view.diagnosis)},
                       .until = Condition::never,
                       .within = stop_within}},
            .effect = "a new process begins from the disk"};
}

Plan isolate_self(const PlanView& view) {
    return {.steps = {{.name = "isolate_self",
                       .action = action::IsolateSelf{reason_of(view.diagnosis)},
                       .within = stop_within}},
            .effect = "safe: this node takes no part until it is started again"};
}

}  // namespace

Plan plan_for(Strategy strategy, const PlanView& view) {
    switch (strategy) {
        case Strategy::fail_over:
            return fail_over(view);
        case Strategy::await_leader:
            return waiting("await_leader", Condition::leader_known, "a leader is known");
        case Strategy::await_return:
            return await_return();
        case Strategy::await_majority:
            return waiting("await_majority", Condition::trouble_over, "the majority is in reach");
        case Strategy::hand_over:
            return hand_over(view);
        case Strategy::rotate_log:
            return rotate_log(view);
        case Strategy::make_room:
            return make_room(view);
        case Strategy::resynchronise:
            return resynchronise(view);
        case Strategy::shed:
            return shed();
        case Strategy::observe:
            return waiting("observe", Condition::trouble_over, "it has passed");
        case Strategy::restart_self:
            return restart_self(view);
        case Strategy::isolate_self:
            return isolate_self(view);
    }
    return waiting("observe", Condition::trouble_over, "it has passed");
}

}  // namespace ftcore
