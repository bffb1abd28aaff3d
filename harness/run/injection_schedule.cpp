// SPDX-License-Identifier: Apache-2.0
#include "harness/run/injection_schedule.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/injection_step.hpp"

namespace faultline {
namespace {

constexpr Duration resolve_lead = std::chrono::milliseconds(30);  // before `at`: ask, prepare, arm
constexpr Duration role_patience =
    std::chrono::milliseconds(20);  // a hung instance does not answer

UndoRecord record_of(const Undo& undo) {
    UndoRecord record;
    switch (undo.kind) {
        case Undo::Kind::continue_process:
            record.kind = UndoRecord::Kind::continue_process;
            break;
        case Undo::Kind::thaw_cgroup:
            record.kind = UndoRecord::Kind::thaw_cgroup;
            break;
        case Undo::Kind::write_file:
            record.kind = UndoRecord::Kind::write_file;
            break;
        case Undo::Kind::disarm_failpoint:
            record.kind = UndoRecord::Kind::disarm_failpoint;
            break;
    }
    record.pid = undo.pid;
    record.start_ticks = undo.start_ticks;
    record.path = undo.path;
    record.content = undo.content;
    return record;
}

}  // namespace

InjectionSchedule::InjectionSchedule(Loop& loop,
                                     const TrialContext& context,
                                     Fleet& fleet,
                                     const TrialLinks& links,
                                     EventRecorder& recorder,
                                     Random random)
    : loop_(loop),
      context_(context),
      fleet_(fleet),
      recorder_(recorder),
      random_(std::move(random)),
      targets_(fleet, links, [this](const std::string& id) { return hit_by(id); }),
      packets_(links.carries_packets()),
      victims_(static_cast<std::size_t>(fleet.size())) {
    if (context.control || context.scenario.faults.empty()) return;
    for (std::size_t i = 0; i < context.scenario.faults.size(); ++i) {
        auto step = std::make_unique<Step>();
        step->spec = &context.scenario.faults[i];
        step->number = i;
        steps_.push_back(std::move(step));
    }
    injector_ = std::make_unique<Injector>();
    recorder_.listen([this](const Event& event) { on_event(event); });
}

InjectionSchedule::~InjectionSchedule() {
    for (auto& made : victims_) {
        if (made) made->close();
    }
    injector_.reset();
}

InstanceVictim& InjectionSchedule::victim(int index) {
    auto& slot = victims_[static_cast<std::size_t>(index)];
    if (!slot) slot = std::make_unique<InstanceVictim>(loop_, fleet_, index);
    return *slot;
}

const FaultHit* InjectionSchedule::hit_by(const std::string& id) const {
    for (const auto& step : steps_) {
        if (step->spec->id == id && !step->hit.empty()) return &step->hit;
    }
    return nullptr;
}

void InjectionSchedule::refresh_victims() {
    for (auto& made : victims_) {
        if (made) made->refresh();
    }
}

Duration InjectionSchedule::planned_length(const Scenario& scenario) {
    Duration last{};
    for (const FaultSpec& fault : scenario.faults) {
        const Duration start = fault.trigger.at.value_or(fault.trigger.after_delay);
        last = std::max(last, start + fault.trigger.jitter + fault.lasts.value_or(Duration{}));
    }
    return last;
}

// ---- triggers

void InjectionSchedule::begin(Instant steady) {
    begun_ = true;
    for (auto& step : steps_) {
        meant_at_steady_.push_back(targets_.meant(*step->spec));
        arm_trigger(*step, steady);
    }
}

void InjectionSchedule::arm_trigger(Step& step, Instant steady) {
    const TriggerSpec& trigger = step.spec->trigger;
    if (trigger.at) {
        Random random = random_.fork("jitter", step.number);
        const auto jitter = duration_of_seconds(seconds_of(trigger.jitter) * random.uniform());
        step.planned = steady + *trigger.at + jitter;
        step.timer = loop_.call_at(step.planned - resolve_lead, [this, &step] { resolve(step); });
        return;
    }
    step.timer = loop_.call_at(steady + trigger.after_within, [this, &step] {
        give_up(step,
                fmt::format("the event \"{}\" that should trigger it did not come within {}",
                            *step.spec->trigger.after_event,
                            format_duration(step.spec->trigger.after_within)));
    });
}

void InjectionSchedule::on_event(const Event& event) {
    if (event.source == EventSource::exit || event.name == "ready" || event.name == "start") {
        refresh_victims();
    }
    if (!begun_) return;
    for (auto& owned : steps_) {
        Step& step = *owned;
        const TriggerSpec& trigger = step.spec->trigger;
        if (step.state != Step::State::waiting || !trigger.after_event) continue;
        const bool is_detection = *trigger.after_event == "detection" && event.signal >= 0;
        if (event.name != *trigger.after_event && !is_detection) continue;
        const int from = fleet_.index_of(event.instance);
        if (trigger.after_from && (from < 0 || !fleet_.means(*trigger.after_from, from))) continue;
        const bool fields_agree = std::all_of(
            trigger.after_fields.begin(), trigger.after_fields.end(), [&](const auto& wanted) {
                const auto field = event.fields.find(wanted.first);
                return field != event.fields.end() && field->second == wanted.second;
            });
        if (!fields_agree) continue;
        Random random = random_.fork("jitter", step.number);
        step.planned = event.at + trigger.after_delay +
                       duration_of_seconds(seconds_of(trigger.jitter) * random.uniform());
        step.state = Step::State::resolving;
        // Not from within the recorder's listeners: resolving may ask probes, which add events.
        step.timer = loop_.call_at(step.planned - resolve_lead, [this, &step] { resolve(step); });
    }
}

// ---- from the trigger to the call

void InjectionSchedule::resolve(Step& step) {
    step.state = Step::State::resolving;
    const auto asked = FaultTargets::asked_for_roles(*step.spec);
    if (asked.empty()) return resolve_now(step);
    for (const std::string& target : asked)
        fleet_.ask_roles(target);
    // The answers come through the loop; who has not answered by then keeps its last role.
    const Instant patience = std::max(now(), step.planned - resolve_lead) + role_patience;
    step.timer = loop_.call_at(patience, [this, &step] { resolve_now(step); });
}

void InjectionSchedule::resolve_now(Step& step) {
    auto hit = targets_.resolve(*step.spec, random_.fork("choice", step.number));
    if (!hit) return give_up(step, hit.error().message);
    if (moved_by_itself(step)) disturbed_ = true;
    step.hit = std::move(*hit);
    fire(step);
}

bool InjectionSchedule::moved_by_itself(const Step& step) const {
    if (!injections_.empty() || FaultTargets::asked_for_roles(*step.spec).empty()) return false;
    return targets_.meant(*step.spec) != meant_at_steady_[step.number];
}

Result<FaultContext> InjectionSchedule::context_of(const Step& step) {
    FaultContext made_from{*step.spec, {}, random_.fork("fault", step.number)};
    made_from.resolve = [this, number = step.number](const std::string& selector) {
        return targets_.resolve(selector, random_.fork("choice", number).fork(selector));
    };
    if (!step.spec->link) {
        for (const int index : step.hit.instances) {
            fleet_.instance(index).look_at_memory();  // the fault may be its end
            victim(index).refresh();
            made_from.victims.push_back(&victim(index));
        }
        return made_from;
    }
    const Kind* kind = find_kind(full_catalog().faults, step.spec->kind);
    if (kind != nullptr && kind->needs_packets && !packets_) {
        return fail(
            "it needs a network that the kernel carries, which this machine does not "
            "permit (faultline doctor says why)",
            ErrorCode::unsupported);
    }
    for (const LinkVictim* link : step.hit.links)
        made_from.links.push_back(*link);
    return made_from;
}

void InjectionSchedule::fire(Step& step) {
    auto made_from = context_of(step);
    if (!made_from) return give_up(step, made_from.error().message);
    auto fault = make_fault(std::move(*made_from));
    if (!fault) return give_up(step, fault.error().message);
    step.fault = std::move(*fault);
    if (auto prepared = step.fault->prepare(); !prepared)
        return give_up(step, prepared.error().message);
    for (const Undo& undo : step.fault->undo()) {
        auto number = context_.guardian.add(record_of(undo));
        if (!number) return give_up(step, number.error().message);
        step.undo_numbers.push_back(*number);
    }
    step.state = Step::State::armed;
    step.planned = std::max(step.planned, now());
    Fault* action = step.fault.get();
    injector_->arm(
        step.planned,
        [action] { return action->apply(); },
        [this, &step](const Firing& firing) {
            loop_.post([this, &step, firing] { on_fired(step, firing); });
        });
}

void InjectionSchedule::on_fired(Step& step, const Firing& firing) {
    step.state = Step::State::fired;
    step.applied = firing.result.has_value();
    Injection injection{.id = step.spec->id, .fault = step.spec->kind};
    injection.on = step.hit.names(fleet_);
    injection.planned = firing.planned;
    injection.call_begin = firing.call_begin;
    injection.call_end = firing.call_end;
    injection.effective_bound = firing.call_end;
    injection.mechanism = step.fault->mechanism();
    step.injection = injections_.size();
    Event event{.at = firing.call_end, .seen = now(), .name = "inject"};
    event.instance = fmt::format("{}", fmt::join(injection.on, ","));
    event.fields = {{"id", injection.id}, {"fault", injection.fault}};
    injections_.push_back(std::move(injection));
    if (!firing.result) return give_up(step, firing.result.error().message);
    for (const int index : step.hit.instances)
        fleet_.doubt(index, firing.call_end);
    recorder_.add(std::move(event));
    refresh_victims();
    if (step.spec->lasts && injector_) plan_clear(step);
    watch_proof(step);
}

bool InjectionSchedule::finished() const {
    return std::all_of(steps_.begin(), steps_.end(), [](const auto& step) {
        return step->state == Step::State::done && !step->clearing;
    });
}

}  // namespace faultline
