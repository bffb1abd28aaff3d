// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/recovery.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace ftcore {
namespace {

using faultline::format_duration;

/// Which incident goes first: safety of the data, then service, then redundancy.
int urgency(Cause cause) {
    switch (cause) {
        case Cause::corruption:
            return 5;
        case Cause::storage_failing:
        case Cause::storage_full:
            return 4;
        case Cause::crash:
        case Cause::hang:
            return 3;
        case Cause::partition_of_peer:
        case Cause::partition_of_self:
            return 2;
        case Cause::storage_slow:
        case Cause::overload:
        case Cause::slow:
            return 1;
    }
    return 0;
}

ConditionView condition_view(const Incident& incident, const RecoveryView& view) {
    return {.self = view.self,
            .lost = incident.diagnosis.about,
            .over = incident.over,
            .node = view.node};
}

std::string resources_text(const Incident& incident, const RecoveryView& view) {
    std::string text =
        fmt::format("{} {}", incident.actions, incident.actions == 1 ? "action" : "actions");
    if (view.resources) {
        text += fmt::format(", cpu {}, memory {}",
                            faultline::format_share(view.resources->cpu_share),
                            faultline::format_bytes(static_cast<std::uint64_t>(
                                std::max<std::int64_t>(view.resources->memory_bytes, 0))));
    }
    return text;
}

/// A hunt for a new leader ends when the old one is there again.
bool pointless_once_over(Strategy strategy) {
    return strategy == Strategy::fail_over || strategy == Strategy::await_leader;
}

}  // namespace

IncidentId Recovery::open(Instant began, Diagnosis diagnosis, std::vector<Strategy> ladder) {
    FL_CHECK(!ladder.empty());
    Incident incident{.id = ++last_id_,
                      .diagnosis = std::move(diagnosis),
                      .began = began,
                      .ladder = std::move(ladder)};
    const int rank = urgency(incident.diagnosis.cause);
    const auto place = std::find_if(open_.begin(), open_.end(), [rank](const Incident& other) {
        return urgency(other.diagnosis.cause) < rank;
    });
    open_.insert(place, std::move(incident));
    return last_id_;
}

void Recovery::revise(
    Instant now, IncidentId id, Diagnosis diagnosis, std::vector<Strategy> ladder, Outbox& outbox) {
    Incident* const incident = find(id);
    if (incident == nullptr) return;
    incident->note(now,
                   fmt::format("it is {}, not {}: {}",
                               name_of(diagnosis.cause),
                               name_of(incident->diagnosis.cause),
                               diagnosis.evidence_text()));
    incident->diagnosis = std::move(diagnosis);
    if (incident->phase != Incident::Phase::repairing) return;
    if (incident->run) incident->run->abandon(outbox);
    incident->run.reset();
    incident->ladder = std::move(ladder);
    incident->rung = 0;
}

void Recovery::over(Instant now, IncidentId id) {
    Incident* const incident = find(id);
    if (incident == nullptr || incident->over) return;
    incident->over = true;
    incident->note(now, "the trouble is over");
    if (incident->phase == Incident::Phase::settled) {
        close(now, *incident);
        sort_out();
    }
}

void Recovery::abandon(Instant now, IncidentId id, const std::string& why, Outbox& outbox) {
    Incident* const incident = find(id);
    if (incident == nullptr) return;
    if (incident->run && incident->phase == Incident::Phase::repairing)
        incident->run->abandon(outbox);
    incident->note(now, why);
    close(now, *incident);
    sort_out();
}

bool Recovery::action_done(Instant now, const signal::ActionDone& done, Outbox& outbox) {
    return std::any_of(open_.begin(), open_.end(), [&](Incident& incident) {
        return incident.run && incident.run->action_done(now, done, outbox);
    });
}

void Recovery::turn(Instant now, const RecoveryView& view, Outbox& outbox) {
    for (Incident& incident : open_)
        advance(now, incident, view, outbox);
    sort_out();
}

void Recovery::advance(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox) {
    // Every rung is climbed at most once, so this ends.
    while (true) {
        switch (incident.phase) {
            case Incident::Phase::repairing:
                if (!repair(now, incident, view, outbox)) return;
                break;
            case Incident::Phase::verifying:
                verify(now, incident, view, outbox);
                if (incident.phase == Incident::Phase::verifying) return;
                break;
            case Incident::Phase::settled:
                if (incident.over) close(now, incident);
                return;
            case Incident::Phase::closed:
                return;
        }
    }
}

bool Recovery::repair(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox) {
    if (!incident.run) start(now, incident, view, outbox);
    incident.run->turn(now, condition_view(incident, view), outbox);
    switch (incident.run->state()) {
        case PlanRun::State::running:
            if (!incident.over || !pointless_once_over(incident.strategy())) return false;
            incident.run->abandon(outbox);
            incident.note(now, "nothing is left to repair");
            close(now, incident);
            return true;
        case PlanRun::State::done:
            repaired(now, incident, view, outbox);
            return true;
        case PlanRun::State::failed:
            escalate(now, incident, std::string(incident.run->failure()), outbox);
            return true;
    }
    return false;
}

void Recovery::start(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox) {
    const Strategy strategy = incident.strategy();
    outbox.emit(now,
                "decided",
                {{"about", outbox.name(incident.diagnosis.about)},
                 {"cause", std::string(name_of(incident.diagnosis.cause))},
                 {"strategy", std::string(name_of(strategy))},
                 {"attempt", fmt::format("{} of {}", incident.rung + 1, incident.ladder.size())}});
    incident.note(now, fmt::format("decided: {}", name_of(strategy)));
    const PlanView plan_view{.diagnosis = incident.diagnosis,
                             .leading = view.node.role == Role::leader,
                             .healthy_peer = view.healthy_peer,
                             .mode = view.mode};
    incident.run.emplace(plan_for(strategy, plan_view), outbox.name(incident.diagnosis.about));
    if (strategy == Strategy::hand_over) last_hand_over_ = now;
}

void Recovery::repaired(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox) {
    const Plan& plan = incident.run->plan();
    incident.actions += incident.run->actions();
    incident.repaired_at = now;
    outbox.emit(now,
                "repaired",
                {{"about", outbox.name(incident.diagnosis.about)},
                 {"strategy", std::string(name_of(incident.strategy()))},
                 {"effect", plan.effect},
                 {"took", format_duration(now - incident.began)},
                 {"resources", resources_text(incident, view)}});
    incident.note(now,
                  fmt::format("repaired: {} ({})", plan.effect, resources_text(incident, view)));
    if (incident.strategy() == Strategy::isolate_self) incident.safe = true;
    incident.phase = plan.announces ? Incident::Phase::verifying : Incident::Phase::settled;
}

void Recovery::verify(Instant now, Incident& incident, const RecoveryView& view, Outbox& outbox) {
    const Plan& plan = incident.run->plan();
    const std::string about = outbox.name(incident.diagnosis.about);
    const auto say = [&](std::string_view ok) {
        outbox.emit(now,
                    "verified",
                    {{"about", about},
                     {"ok", std::string(ok)},
                     {"took", format_duration(now - incident.began)},
                     {"evidence", std::string(name_of(plan.verify))}});
    };
    if (!holds(plan.verify, condition_view(incident, view))) {
        incident.holds_since.reset();
        if (now - incident.repaired_at < plan.verify_within) return;
        say("false");
        escalate(now, incident, fmt::format("{} does not hold", name_of(plan.verify)), outbox);
        return;
    }
    if (!incident.holds_since) {
        incident.holds_since = now;
        outbox.emit(
            now, "recovered", {{"about", about}, {"took", format_duration(now - incident.began)}});
    }
    if (now - *incident.holds_since < plan.verify_hold) return;
    say("true");
    incident.note(now, fmt::format("verified: {}", name_of(plan.verify)));
    incident.phase = Incident::Phase::settled;
}

void Recovery::escalate(Instant now, Incident& incident, const std::string& why, Outbox& outbox) {
    if (incident.phase == Incident::Phase::repairing) incident.actions += incident.run->actions();
    incident.note(now, fmt::format("{} did not help: {}", name_of(incident.strategy()), why));
    incident.holds_since.reset();
    if (incident.rung + 1 < incident.ladder.size() && !incident.over) {
        ++incident.rung;
        incident.run.reset();
        incident.phase = Incident::Phase::repairing;
        return;
    }
    incident.phase = Incident::Phase::settled;
    if (incident.over) return;
    incident.safe = true;
    outbox.emit(
        now,
        "error",
        {{"about", outbox.name(incident.diagnosis.about)},
         {"text",
          fmt::format(
              "nothing is left to try against {}: {}", name_of(incident.diagnosis.cause), why)}});
    incident.note(now, "nothing is left to try");
}

void Recovery::close(Instant now, Incident& incident) {
    incident.note(now, "closed");
    incident.phase = Incident::Phase::closed;
}

void Recovery::sort_out() {
    for (Incident& incident : open_) {
        if (incident.phase != Incident::Phase::closed) continue;
        closed_.push_front(std::move(incident));
        closed_.front().run.reset();
        incident.phase = Incident::Phase::closed;
    }
    std::erase_if(
        open_, [](const Incident& incident) { return incident.phase == Incident::Phase::closed; });
    while (closed_.size() > closed_max)
        closed_.pop_back();
}

Instant Recovery::deadline() const {
    Instant next = Instant::max();
    for (const Incident& incident : open_) {
        if (incident.phase == Incident::Phase::repairing) {
            if (incident.run) next = std::min(next, incident.run->deadline());
        } else if (incident.phase == Incident::Phase::verifying) {
            const Plan& plan = incident.run->plan();
            next = std::min(next,
                            incident.holds_since ? *incident.holds_since + plan.verify_hold
                                                 : incident.repaired_at + plan.verify_within);
        }
    }
    return next;
}

bool Recovery::watches_view() const {
    return std::any_of(open_.begin(), open_.end(), [](const Incident& incident) {
        return incident.phase == Incident::Phase::verifying ||
               (incident.run && incident.run->watches_view());
    });
}

bool Recovery::verified(IncidentId id) const {
    return std::any_of(open_.begin(), open_.end(), [id](const Incident& incident) {
        return incident.id == id && incident.phase == Incident::Phase::settled && !incident.safe;
    });
}

std::optional<std::string> Recovery::safe_state() const {
    for (const Incident& incident : open_) {
        if (incident.safe) return incident.diagnosis.evidence_text();
    }
    return std::nullopt;
}

std::vector<std::string> Recovery::report(const Outbox& names) const {
    std::vector<const Incident*> newest_first;
    for (const Incident& incident : open_)
        newest_first.push_back(&incident);
    std::sort(newest_first.begin(), newest_first.end(), [](const auto* left, const auto* right) {
        return left->id > right->id;
    });
    for (const Incident& incident : closed_)
        newest_first.push_back(&incident);
    std::vector<std::string> lines;
    for (const Incident* incident : newest_first) {
        for (std::string& line :
             describe(*incident, started_, names.name(incident->diagnosis.about)))
            lines.push_back(std::move(line));
    }
    return lines;
}

Incident* Recovery::find(IncidentId id) {
    const auto found = std::find_if(
        open_.begin(), open_.end(), [id](const Incident& incident) { return incident.id == id; });
    return found == open_.end() ? nullptr : &*found;
}

}  // namespace ftcore
