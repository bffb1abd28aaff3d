// SPDX-License-Identifier: Apache-2.0
#include "harness/run/injection_schedule.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"

namespace faultline {
namespace {

constexpr Duration resolve_lead = std::chrono::milliseconds(30);  // before `at`: ask, prepare, arm
constexpr Duration role_patience =
    std::chrono::milliseconds(20);  // a hung instance does not answer
constexpr Duration proof_period = std::chrono::milliseconds(1);
constexpr Duration clear_patience = std::chrono::seconds(2);

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

/// One fault of the scenario on its way.
struct InjectionSchedule::Step {
    enum class State { waiting, resolving, armed, fired, done };
    const FaultSpec* spec = nullptr;
    std::size_t number = 0;
    State state = State::waiting;
    Instant planned{};
    Timer timer{};
    Timer clear_timer{};
    std::vector<int> hit{};
    std::unique_ptr<Fault> fault{};
    std::vector<std::uint64_t> undo_numbers{};
    std::size_t injection = 0;  // index into injections_
    bool clearing = false;      // a clear is planned or under way
    bool applied = false;       // there is something to take back
};

InjectionSchedule::InjectionSchedule(
    Loop& loop, const TrialContext& context, Fleet& fleet, EventRecorder& recorder, Random random)
    : loop_(loop),
      context_(context),
      fleet_(fleet),
      recorder_(recorder),
      random_(std::move(random)),
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
        holders_at_steady_.push_back(step->spec->on.remembered ? std::vector<int>{}
                                                               : fleet_.holders(step->spec->on));
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
    if (step.spec->on.role) {
        fleet_.ask_roles(step.spec->on.target);
        // The answers come through the loop; who has not answered by then keeps its last role.
        const Instant patience = std::max(now(), step.planned - resolve_lead) + role_patience;
        step.timer = loop_.call_at(patience, [this, &step] { resolve_now(step); });
    } else {
        resolve_now(step);
    }
}

void InjectionSchedule::resolve_now(Step& step) {
    auto chosen = choose(step);
    if (!chosen) return give_up(step, chosen.error().message);
    if (moved_by_itself(step)) disturbed_ = true;
    fire(step, *chosen);
}

Result<std::vector<int>> InjectionSchedule::choose(Step& step) {
    const Selector& on = step.spec->on;
    if (on.remembered) {
        for (const auto& other : steps_) {
            if (other->spec->id == *on.remembered && !other->hit.empty()) return other->hit;
        }
        return fail(fmt::format(
            "\"{}\" means what {} hit, but that has not fired", on.text, *on.remembered));
    }
    std::vector<int> found = fleet_.holders(on);
    if (found.empty()) return fail(fmt::format("\"{}\" matches no instance now", on.text));
    if (on.any) {
        Random random = random_.fork("choice", step.number);
        found = {found[random.below(found.size())]};
    }
    return found;
}

bool InjectionSchedule::moved_by_itself(const Step& step) const {
    if (!step.spec->on.role || !injections_.empty()) return false;
    return fleet_.holders(step.spec->on) != holders_at_steady_[step.number];
}

void InjectionSchedule::fire(Step& step, const std::vector<int>& victims) {
    step.hit = victims;
    FaultContext made_from{*step.spec, {}, random_.fork("fault", step.number)};
    for (const int index : victims) {
        victim(index).refresh();
        made_from.victims.push_back(&victim(index));
    }
    auto fault = make_fault(std::move(made_from));
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
    for (const int index : step.hit)
        injection.on.push_back(fleet_.instance(index).name());
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
    for (const int index : step.hit)
        fleet_.doubt(index, firing.call_end);
    recorder_.add(std::move(event));
    refresh_victims();
    if (step.spec->lasts && injector_) plan_clear(step);
    watch_proof(step);
}

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
    for (const int index : step.hit)
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
    for (const int index : step.hit) {
        if (!fleet_.ready_since(index)) fleet_.doubt(index, firing.call_end);
    }
    Event event{.at = firing.call_end, .seen = now(), .name = "clear"};
    event.fields = {{"id", step.spec->id}, {"fault", step.spec->kind}};
    recorder_.add(std::move(event));
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
        for (const int index : step.hit) {
            if (!fleet_.ready_since(index)) fleet_.doubt(index, now());
        }
    }
    refresh_victims();
}

bool InjectionSchedule::finished() const {
    return std::all_of(steps_.begin(), steps_.end(), [](const auto& step) {
        return step->state == Step::State::done && !step->clearing;
    });
}

}  // namespace faultline
