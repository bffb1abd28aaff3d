// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/inject/fault.hpp"
#include "harness/inject/injector.hpp"
#include "harness/run/event_recorder.hpp"
#include "harness/run/fault_targets.hpp"
#include "harness/run/instance_victim.hpp"

namespace faultline {

/// Carries the faults of a scenario through their life, each on its own:
///
///   waiting ──(30 ms before `at`, or the event)──► resolve selector, check roles, prepare
///     ──► undo record to the guardian ──► armed ──(injector)──► fired ──► proven ──(`for`)──►
///     cleared
///
/// Thread: the trial's.
class InjectionSchedule {
  public:
    InjectionSchedule(Loop& loop,
                      const TrialContext& context,
                      Fleet& fleet,
                      const TrialLinks& links,
                      EventRecorder& recorder,
                      Random random);
    ~InjectionSchedule();
    InjectionSchedule(const InjectionSchedule&) = delete;
    InjectionSchedule& operator=(const InjectionSchedule&) = delete;

    /// Steady state holds: triggers count from now on.
    void begin(Instant steady);
    /// Every fault has fired and is proven or given up, and those with "for" are cleared.
    [[nodiscard]] bool finished() const;
    /// Takes back everything that is still applied. Blocks shortly.
    void clear_all();

    [[nodiscard]] const std::vector<Injection>& injections() const { return injections_; }
    /// Why the trial is ineffective: a selector that matched nothing, an effect that was not seen.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    /// The target moved by itself between steady state and the first injection.
    [[nodiscard]] bool disturbed() const { return disturbed_; }
    /// A restart, a stop or an answer changed an instance.
    void refresh_victims();
    /// The last instant at which a fault can still fire; for a control trial's length.
    [[nodiscard]] static Duration planned_length(const Scenario& scenario);

  private:
    struct Step;
    void on_event(const Event& event);
    void arm_trigger(Step& step, Instant steady);
    void resolve(Step& step);
    void resolve_now(Step& step);
    [[nodiscard]] bool moved_by_itself(const Step& step) const;
    [[nodiscard]] Result<FaultContext> context_of(const Step& step);
    void fire(Step& step);
    void on_fired(Step& step, const Firing& firing);
    void watch_proof(Step& step);
    void begin_late(Step& step, Instant began);
    void plan_clear(Step& step);
    void on_cleared(Step& step, const Firing& firing);
    void doubt_again(const Step& step, Instant cleared);
    void add_account(const Step& step);
    void forget_undo(Step& step);
    void give_up(Step& step, const std::string& why);
    [[nodiscard]] InstanceVictim& victim(int index);
    [[nodiscard]] const FaultHit* hit_by(const std::string& id) const;

    Loop& loop_;
    const TrialContext& context_;
    Fleet& fleet_;
    EventRecorder& recorder_;
    Random random_;
    FaultTargets targets_;
    bool packets_ = false;  // the links are carried by the kernel
    std::vector<std::unique_ptr<InstanceVictim>>
        victims_;  // by instance index, made when first hit
    std::vector<std::unique_ptr<Step>> steps_;
    std::vector<Injection> injections_;
    std::vector<std::vector<std::string>> meant_at_steady_;  // per step
    std::string problem_;
    bool disturbed_ = false;
    bool begun_ = false;
    std::unique_ptr<Injector> injector_;  // last: its thread ends first
};

}  // namespace faultline
