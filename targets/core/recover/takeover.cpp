// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/takeover.hpp"

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace ftcore {

void Takeover::leader_lost(Instant now, NodeId leader) {
    if (phase_ != Phase::idle || leader == self_) return;
    lost_at_ = now;
}

void Takeover::turn(Instant now, const View& view, Outbox& outbox) {
    const bool leads = view.node.role == Role::leader;
    if (leads && !leading_) elected(now);
    if (!leads) {
        phase_ = Phase::idle;
        if (view.node.leader != nobody && view.node.leader != predecessor_) {
            predecessor_ = view.node.leader;
            lost_at_.reset();
        }
    }
    leading_ = leads;
    if (phase_ == Phase::elected && view.node.serving) serving(now, view, outbox);
    if (phase_ == Phase::serving) prove(now, view, outbox);
    deadline_ = Instant::max();
    if (phase_ != Phase::serving) return;
    const Instant idle_at = serving_at_ + settings_.idle_for;
    deadline_ = now < idle_at ? idle_at : serving_at_ + settings_.verify_within;
}

void Takeover::elected(Instant now) {
    if (predecessor_ == nobody || predecessor_ == self_) {
        predecessor_ = self_;
        return;  // there was no other to take over from
    }
    phase_ = Phase::elected;
    began_ = lost_at_.value_or(now);
    lost_at_.reset();
}

void Takeover::serving(Instant now, const View& view, Outbox& outbox) {
    phase_ = Phase::serving;
    serving_at_ = now;
    commit_at_serving_ = view.node.commit;
    outbox.emit(now,
                "recovered",
                {{"about", outbox.name(predecessor_)},
                 {"primary", outbox.name(self_)},
                 {"took", faultline::format_duration(now - began_)}});
}

void Takeover::prove(Instant now, const View& view, Outbox& outbox) {
    const bool quorum = view.quorum_answers || !view.quorum_needed;
    if (quorum && view.node.commit > commit_at_serving_) {
        conclude(now,
                 true,
                 fmt::format(
                     "agreed up to {} after serving from {}", view.node.commit, commit_at_serving_),
                 outbox);
    } else if (view.quorum_answers && view.node.queue_depth == 0 &&
               now - serving_at_ >= settings_.idle_for) {
        conclude(now, true, "no writes came; a quorum answers", outbox);
    } else if (now - serving_at_ >= settings_.verify_within) {
        conclude(now,
                 false,
                 view.quorum_answers ? "nothing was agreed on although commands wait"
                                     : "no quorum answers",
                 outbox);
    }
}

void Takeover::conclude(Instant now, bool ok, const std::string& evidence, Outbox& outbox) {
    phase_ = Phase::idle;
    const std::string took = faultline::format_duration(now - began_);
    outbox.emit(now,
                "verified",
                {{"about", outbox.name(predecessor_)},
                 {"ok", ok ? "true" : "false"},
                 {"took", took},
                 {"evidence", evidence}});
    report_.insert(report_.begin(),
                   fmt::format("took over from {}: served after {}, {} after {}: {}",
                               outbox.name(predecessor_),
                               faultline::format_duration(serving_at_ - began_),
                               ok ? "verified" : "not verified",
                               took,
                               evidence));
    if (report_.size() > report_max) report_.pop_back();
    predecessor_ = self_;
}

}  // namespace ftcore
