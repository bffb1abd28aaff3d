// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "faultline/event.hpp"
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

using faultline::now;

namespace {

/// One line of text for people and for log collectors: logfmt, which needs no library to read.
std::string log_line(const PipelineEvent& event) {
    std::string line = fmt::format(
        "at={:.6f} event={}", faultline::seconds_of(event.at.time_since_epoch()), event.name);
    for (const auto& [name, value] : event.fields)
        line += fmt::format(" {}={:?}", name, value);
    line += '\n';
    return line;
}

}  // namespace

void Node::State::tell(const PipelineEvent& event) {
    std::vector<faultline::EventField> fields(event.fields.begin(), event.fields.end());
    faultline::send_event(
        event.name, fields.data(), fields.size(), faultline::nanoseconds_of(event.at));
    const std::string line = log_line(event);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void Node::State::run_pipeline(Instant t) {
    if (!pipeline_wanted && t < pipeline->deadline()) return;
    pipeline_wanted = false;
    pipeline->turn(t, view());
    for (const Action& action : pipeline->take_actions())
        carry_out(action);
    for (const PipelineEvent& event : pipeline->take_events())
        tell(event);
}

void Node::State::done(std::uint64_t action, bool ok, std::string detail) {
    pipeline->signal(now(), signal::ActionDone{action, ok, std::move(detail)});
    pipeline_wanted = true;
}

void Node::State::carry_out(const Action& action) {
    const Instant t = now();
    const std::uint64_t id = action.id;
    const auto when_over = [weak = weak_from_this(), id](bool ok, std::string detail) {
        if (const auto self = weak.lock()) {
            self->done(id, ok, std::move(detail));
            self->ask_for_turn();
        }
    };
    struct Visitor {
        State& self;
        Instant t;
        std::uint64_t id;
        OutsideActions::Done when_over;

        void operator()(const action::SuspectLeader& what) const {
            self.consensus->suspect(t, what.leader, what.suspicion);
            self.done(id, true);
        }
        void operator()(const action::ProbePeer& what) const {
            if (const auto link = self.links.find(what.peer); link != self.links.end())
                link->second->probe();
            self.done(id, true);
        }
        void operator()(const action::HandOverLead& what) const {
            const bool leads = self.consensus->role() == Role::leader;
            if (leads && !self.storage_ok) {
                // Whatever filled this disk may be filling the others too. A lead that nobody can
                // take over would be lost, and the reads with it.
                self.hand_over_reason = what.reason;
                self.healthy_beats.clear();
            } else if (leads) {
                self.hand_over(t, what.reason);
            }
            self.done(id, true, leads ? "" : "this node does not lead");
        }
        void operator()(const action::RotateLog&) const { self.rotate_log(id); }
        void operator()(const action::RefuseWrites& what) const {
            self.refuse_writes = what.on ? what.code : ErrorCode::none;
            self.done(id, true);
        }
        void operator()(const action::Shed& what) const {
            self.shed_share = std::clamp(what.share, 0.0, 1.0);
            self.done(id, true);
        }
        void operator()(const action::Resynchronise&) const { self.resynchronise(id); }
        void operator()(const action::IsolateSelf& what) const {
            self.isolate(what.reason);
            self.done(id, true);
        }
        void operator()(const action::RestartSelf& what) const {
            self.done(id, true);
            self.fatal(what.reason);
        }
        void operator()(const action::CallWebhook& what) const {
            self.outside->post(what.url, what.body, when_over);
        }
        void operator()(const action::RunCommand& what) const {
            self.outside->run(what.words, when_over);
        }
    };
    std::visit(Visitor{*this, t, id, when_over}, action.what);
}

void Node::State::enter(LifeState next, const std::string& reason) {
    if (life.state() != next) life.reach(now(), next, reason);
}

/// Whatever goes on here counts for nobody any more.
void Node::State::isolate(const std::string& reason) {
    isolated = true;
    abandon_snapshot();
    consensus->storage_failed(now());
    enter(LifeState::isolated, reason);
    requests.fail_all(ErrorCode::outcome_unknown, ErrorCode::not_ready);
    ask_for_turn();
}

void Node::State::fatal(const std::string& reason) {
    error_log.record(now(), ErrorCode::internal, reason);
    tell({.at = now(), .name = "error", .fields = {{"code", "INTERNAL"}, {"detail", reason}}});
    isolate(reason);
    if (fatal_handler) fatal_handler(reason);
}

}  // namespace ftcore
