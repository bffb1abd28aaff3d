// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/launch/audit.hpp"
#include "harness/observe/event_socket.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/detection_signals.hpp"
#include "harness/run/injection_schedule.hpp"
#include "harness/run/jitter_meter.hpp"
#include "harness/run/observation.hpp"

namespace faultline {
namespace {

constexpr int port_race_tries = 3;
constexpr Duration watch_period = std::chrono::milliseconds(5);
constexpr Duration stop_patience = std::chrono::seconds(10);
constexpr Duration write_check_patience = std::chrono::seconds(30);
constexpr Duration guardian_check_period = std::chrono::milliseconds(100);
constexpr Duration jitter_mark = std::chrono::milliseconds(5);

/// Who holds the role that the load follows, for drivers on other threads.
class RoleBoard {
  public:
    void set(std::vector<int> current) {
        const std::lock_guard lock(mutex_);
        current_ = std::move(current);
    }
    [[nodiscard]] std::vector<int> get() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<int> current_;
};

/// The time that belongs to the target and the scenario, not to the harness.
class WaitClock {
  public:
    template <class Wait>
    auto spend(Wait wait) {
        const Instant begin = now();
        struct Stop {
            WaitClock* clock;
            Instant begin;
            ~Stop() { clock->waited_ += now() - begin; }
        } stop{this, begin};
        return wait();
    }
    [[nodiscard]] Duration waited() const { return waited_; }

  private:
    Duration waited_{};
};

/// One trial as it goes. Members are in the order of their making; the loop is first because
/// everything after it may still be called by it.
class Trial {
  public:
    explicit Trial(const TrialContext& context)
        : context_(context),
          scenario_(context.scenario),
          random_(context.seed),
          registration_(context.interruption, loop_) {
        record_.trial = context.number;
        record_.control = context.control;
        record_.seed = context.seed;
        record_.started_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                      std::chrono::system_clock::now().time_since_epoch())
                                      .count();
    }

    TrialResult run() {
        const Instant begin = now();
        JitterMeter jitter;
        if (start_targets() && reach_steady_state()) {
            inject_and_observe();
            quiet_period();
        }
        tear_down();
        measure();
        if (const auto lateness = jitter.finish(); !lateness.empty()) {
            record_.machine_jitter_p99 = lateness[lateness.size() * 99 / 100];
            if (*record_.machine_jitter_p99 > jitter_mark) mark("jitter");
        }
        record_.took = now() - begin;
        record_.harness_overhead = record_.took - waits_.waited();
        return {std::move(record_), std::move(timeline_)};
    }

  private:
    // ---- provision and launch

    bool start_targets() {
        for (int attempt = 1;; ++attempt) {
            auto started = try_to_start();
            if (started) return true;
            if (loop_.interrupted())
                return end_with(TrialOutcome::interrupted, "interrupted while starting");
            if (started.error().code != ErrorCode::exists || attempt == port_race_tries) {
                return end_with(
                    machine_trouble_ ? TrialOutcome::harness_error : TrialOutcome::unhealthy,
                    started.error().message);
            }
            mark("port race");
            forget_attempt();
        }
    }

    Result<> try_to_start() {
        progress(TrialPhase::provision);
        machine_trouble_ = true;
        FL_TRY_VOID(make_folder(context_.folder));
        FL_TRY_VOID(make_folder(context_.temporary_folder));
        if (!context_.memory_folder.empty()) {
            FL_TRY_VOID(make_folder(context_.memory_folder));
        }
        if (context_.abilities.cgroup_root) {
            FL_TRY_VOID(make_folder(cgroup_folder()));
        }
        FL_TRY(Provision provision, provision_trial(context_, random_));
        mark_ = provision.mark;
        scope_.mark = provision.mark;
        scope_.ports = provision.ports.ports();
        FL_TRY_VOID(make_control_files(provision));
        FL_TRY(signals_, DetectionSignals::create(loop_, scenario_, recorder_));
        EventSocket::Options socket{
            .path = provision.event_socket,
            .on_event = [this](Event event) { signals_->record(std::move(event)); },
            .instance_of = [this](int pid) { return fleet_->instance_of_pid(pid); }};
        FL_TRY(socket_, EventSocket::open(loop_, std::move(socket)));
        fleet_ = std::make_unique<Fleet>(
            loop_,
            context_,
            std::move(provision),
            [this](Event event) { signals_->record(std::move(event)); },
            [this](int instance, std::string_view line, Instant at) {
                signals_->on_line(instance, line, at);
            });
        signals_->attach(*fleet_);
        machine_trouble_ = false;
        progress(TrialPhase::launch);
        FL_TRY_VOID(waits_.spend([&] { return fleet_->launch(); }));
        waits_.spend([&] {
            fleet_->watch_roles();
            return 0;
        });
        signals_->start_probes();
        return {};
    }

    void forget_attempt() {
        static_cast<void>(fleet_->stop(now() + stop_patience));
        socket_.reset();
        fleet_.reset();
        static_cast<void>(remove_tree(context_.folder));
        remove_temporary_folders();
    }

    // ---- steady state

    bool reach_steady_state() {
        progress(TrialPhase::steady_state);
        if (!start_load()) return false;
        observation_.emplace(scenario_, load_.get(), timeline_.load_start);
        const Instant deadline = timeline_.load_start + scenario_.steady_state.within;
        const bool reached = waits_.spend([&] {
            return watch_until(deadline,
                               [this] { return observation_->steady() && roles_are_held(); });
        });
        if (!reached) return explain_no_steady_state();
        timeline_.steady = now();
        note("steady");
        return true;
    }

    bool start_load() {
        timeline_.load_start = now();
        if (!scenario_.load) return true;
        LoadTargets targets;
        LoadSpec spec = *scenario_.load;
        if (auto filled = filled_load_parameters(spec); filled) {
            spec.parameters = std::move(*filled);
        } else {
            return end_with(TrialOutcome::harness_error, filled.error().message);
        }
        targets.endpoints = fleet_->endpoints(spec.to.target, spec.port);
        if (spec.to.index)
            targets.endpoints = {targets.endpoints[static_cast<std::size_t>(*spec.to.index)]};
        if (const auto sentinel = spec.parameters.find<std::string>("sentinel");
            sentinel && !sentinel->empty()) {
            targets.sentinels = fleet_->endpoints(*sentinel, "");
        }
        update_board();
        recorder_.listen([this](const Event& event) {
            if (event.name == "role" || event.source == EventSource::exit) update_board();
        });
        targets.current = [this] { return board_.get(); };
        auto load = make_load(spec, std::move(targets), random_.fork("load"));
        if (!load)
            return end_with(TrialOutcome::harness_error,
                            "making the load: " + load.error().message);
        load_ = std::move(*load);
        timeline_.operation_kinds = load_->operation_kinds();
        timeline_.load_start = now();
        if (auto started = load_->start(); !started) {
            return end_with(TrialOutcome::harness_error,
                            "starting the load: " + started.error().message);
        }
        return true;
    }

    /// Templates in a driver's parameters speak of the first instance that the load may go to.
    [[nodiscard]] Result<Parameters> filled_load_parameters(const LoadSpec& spec) const {
        const int first =
            fleet_->index_of(instance_name(spec.to.target, spec.to.index.value_or(0)));
        return fill_parameters(
            context_, fleet_->provision(), spec.parameters, fleet_->instance(first).plan());
    }

    /// Indices into the load's endpoints: instances of one target, in index order.
    void update_board() {
        const Selector& to = scenario_.load->to;
        std::vector<int> current;
        for (const int index : fleet_->holders(to)) {
            current.push_back(to.index ? 0 : fleet_->instance(index).plan().index);
        }
        board_.set(std::move(current));
    }

    [[nodiscard]] bool roles_are_held() const {
        return std::all_of(
            scenario_.faults.begin(), scenario_.faults.end(), [this](const FaultSpec& fault) {
                // What an event will bring about need not be there yet.
                return fault.on.remembered || !fault.trigger.at ||
                       !fleet_->holders(fault.on).empty() || !injection_comes_first(fault);
            });
    }
    [[nodiscard]] bool injection_comes_first(const FaultSpec& fault) const {
        return &fault == &scenario_.faults.front();
    }

    bool explain_no_steady_state() {
        if (loop_.interrupted())
            return end_with(TrialOutcome::interrupted, "interrupted before steady state");
        if (!guardian_alive_) return false;
        for (int i = 0; i < fleet_->size(); ++i) {
            if (fleet_->instance(i).running()) continue;
            const auto& status = fleet_->instance(i).last_exit();
            return end_with(TrialOutcome::unhealthy,
                            fmt::format("{} ended before steady state ({})",
                                        fleet_->instance(i).name(),
                                        status ? describe(*status) : "never started"));
        }
        if (!roles_are_held()) {
            return end_with(TrialOutcome::unhealthy,
                            fmt::format("\"{}\" matched no instance within {}",
                                        scenario_.faults.front().on.text,
                                        format_duration(scenario_.steady_state.within)));
        }
        const LoadProgress seen = load_->progress();
        return end_with(
            TrialOutcome::unhealthy,
            fmt::format(
                "steady state was not reached within {}: {} good of the last window (asked {}), "
                "{} ok, {} failed, {} unknown of {} operations",
                format_duration(scenario_.steady_state.within),
                format_share(observation_->recent_success()),
                format_share(scenario_.steady_state.success_rate),
                seen.ok,
                seen.failed,
                seen.unknown,
                seen.intended));
    }

    // ---- inject and observe

    void inject_and_observe() {
        progress(TrialPhase::inject);
        schedule_ = std::make_unique<InjectionSchedule>(
            loop_, context_, *fleet_, recorder_, random_.fork("faults"));
        schedule_->begin(timeline_.steady);
        const Instant control_end = timeline_.steady +
                                    InjectionSchedule::planned_length(scenario_) +
                                    scenario_.success_window;
        waits_.spend([&] {
            return watch_until(Instant::max(), [this, control_end] {
                if (context_.control || scenario_.faults.empty()) return now() >= control_end;
                return schedule_->finished() && observed_enough();
            });
        });
        if (load_)
            waits_.spend([&] {
                load_->stop();
                return 0;
            });
        socket_->drain();
        timeline_.end = now();
        note("end");
    }

    [[nodiscard]] bool observed_enough() const {
        if (!schedule_->problem().empty()) return true;
        const auto& injections = schedule_->injections();
        return std::all_of(injections.begin(), injections.end(), [&](const Injection& injection) {
            const bool first = &injection == &injections.front();
            return observed_enough(injection, first || detection_is_expected(injection));
        });
    }

    [[nodiscard]] bool observed_enough(const Injection& injection, bool detection_counts) const {
        const Duration passed = now() - injection.at();
        if (passed < scenario_.success_window) return false;
        if (detection_counts && !scenario_.detection.empty() && !detected(injection) &&
            passed < scenario_.detection_within) {
            return false;
        }
        // The window that decides recovery must be seen whole.
        return load_ == nullptr || observation_->recovered() ||
               passed >= scenario_.recovery.within + scenario_.recovery.window;
    }

    /// Nobody detects a repair: only the first injection's detection is worth waiting for, and
    /// those that an expectation asks about.
    [[nodiscard]] bool detection_is_expected(const Injection& injection) const {
        return std::any_of(scenario_.expectations.begin(),
                           scenario_.expectations.end(),
                           [&](const Expectation& expectation) {
                               return expectation.injection == injection.id &&
                                      expectation.metric.starts_with("detect");
                           });
    }

    [[nodiscard]] bool detected(const Injection& injection) const {
        const auto& events = recorder_.events();
        return std::any_of(events.rbegin(), events.rend(), [&](const Event& event) {
            return event.signal >= 0 && std::min(event.at, event.seen) >= injection.at();
        });
    }

    // ---- quiet period

    void quiet_period() {
        progress(TrialPhase::quiet);
        if (loop_.interrupted()) end_with(TrialOutcome::interrupted, "interrupted");
        loop_.resume_after_interrupt();
        schedule_->clear_all();
        if (record_.outcome == TrialOutcome::pass && scenario_.redundancy && !context_.control) {
            waits_.spend([&] {
                return watch_until(now() + scenario_.redundancy->within,
                                   [this] { return fleet_->healthy_since().has_value(); });
            });
            timeline_.redundant = fleet_->healthy_since();
        }
        check_writes();
        timeline_.injections = schedule_->injections();
        if (schedule_->disturbed()) mark("disturbed");
        if (record_.outcome != TrialOutcome::pass) return;
        if (!schedule_->problem().empty()) {
            end_with(TrialOutcome::ineffective, schedule_->problem());
        }
    }

    void check_writes() {
        const Kind* driver =
            scenario_.load ? find_kind(full_catalog().drivers, scenario_.load->driver) : nullptr;
        if (driver == nullptr || !driver->checks_writes || record_.outcome != TrialOutcome::pass)
            return;
        const WriteCheck check =
            waits_.spend([&] { return load_->check_writes(now() + write_check_patience); });
        record_.write_check_note = check.note;
        if (!check.checked) return;
        record_.acknowledged_writes = check.acknowledged;
        record_.lost_writes = check.lost;
        record_.unknown_writes = check.unknown;
        record_.lost_keys = check.lost_keys;
    }

    // ---- tear down

    void tear_down() {
        progress(TrialPhase::teardown);
        loop_.resume_after_interrupt();
        recorder_.close();
        if (load_) load_->stop();
        if (schedule_) schedule_->clear_all();
        if (signals_) signals_->stop_probes();
        if (fleet_) {
            record_instances_before_stop();
            auto stopped = waits_.spend([&] { return fleet_->stop(now() + stop_patience); });
            record_instance_exits();
            if (!stopped) end_with(TrialOutcome::harness_error, stopped.error().message);
        }
        if (socket_) {
            record_.malformed_events = socket_->malformed();
            if (record_.malformed_events > 0) mark("malformed events");
        }
        socket_.reset();
        remove_temporary_folders();
        remove_trial_cgroup();
        audit();
        prune();
    }

    /// What stays behind is found by the audit.
    void remove_temporary_folders() const {
        static_cast<void>(remove_tree(context_.temporary_folder));
        if (!context_.memory_folder.empty()) static_cast<void>(remove_tree(context_.memory_folder));
    }

    void record_instances_before_stop() {
        for (int i = 0; i < fleet_->size(); ++i) {
            const Instance& instance = fleet_->instance(i);
            InstanceRecord record{.name = instance.name(),
                                  .launch_method = std::string(name_of(context_.abilities.launch))};
            record.cgroup = instance.cgroup() != nullptr
                                ? "cgroup v2"
                                : "none: " + context_.abilities.cgroup_note;
            if (instance.cgroup() != nullptr) scope_.cgroups.push_back(instance.cgroup()->path());
            record.starts = instance.starts();
            record.output_folder =
                std::filesystem::relative(instance.plan().output_folder,
                                          context_.folder.parent_path().parent_path())
                    .string();
            record_.instances.push_back(std::move(record));
        }
    }

    void record_instance_exits() {
        for (int i = 0; i < fleet_->size(); ++i) {
            const auto& status = fleet_->instance(i).last_exit();
            if (!status) continue;
            record_.instances[static_cast<std::size_t>(i)].exit_code = status->code;
            record_.instances[static_cast<std::size_t>(i)].exit_signal = status->signal;
        }
    }

    /// The folder over the cgroups of this trial's instances. Requires: cgroups are permitted.
    [[nodiscard]] std::filesystem::path cgroup_folder() const {
        return *context_.abilities.cgroup_root / ("faultline-" + context_.run) /
               fmt::format("t{}", context_.number);
    }

    void remove_trial_cgroup() {
        if (!context_.abilities.cgroup_root || !std::filesystem::exists(cgroup_folder())) return;
        const UndoRecord kill{.kind = UndoRecord::Kind::kill_cgroup, .path = cgroup_folder()};
        if (auto removed = undo(kill); !removed) {
            end_with(TrialOutcome::harness_error, removed.error().message);
        }
    }

    void audit() {
        reap_orphans(mark_);
        scope_.temporary_paths.push_back(context_.temporary_folder);
        if (!context_.memory_folder.empty())
            scope_.temporary_paths.push_back(context_.memory_folder);
        if (context_.siblings != nullptr) {
            scope_.known_children = context_.siblings->of_others(context_.number);
        }
        scope_.known_children.push_back(context_.guardian.pid());
        record_.leaks = audit_leaks(scope_);
        if (context_.siblings != nullptr) context_.siblings->forget(context_.number);
        if (!record_.leaks.empty()) {
            end_with(TrialOutcome::harness_error, "left behind: " + record_.leaks.front());
        }
    }

    /// What targets wrote is worth its space only when something went wrong.
    void prune() {
        if (context_.keep_data || record_.outcome != TrialOutcome::pass || !fleet_) return;
        for (const InstancePlan& plan : fleet_->provision().plans) {
            std::set<std::filesystem::path> kept;
            for (const auto& [name, content] : plan.files)
                kept.insert(plan.folder / name);
            std::error_code error;
            std::vector<std::filesystem::path> doomed;
            for (const auto& entry :
                 std::filesystem::recursive_directory_iterator(plan.folder, error)) {
                if (!entry.is_directory(error) && !kept.contains(entry.path()))
                    doomed.push_back(entry.path());
            }
            for (const auto& path : doomed)
                std::filesystem::remove(path, error);
        }
    }

    // ---- measure

    void measure() {
        if (load_) {
            record_.operations_redirected = load_->progress().redirected;
            timeline_.operations = load_->take_log();
        }
        timeline_.events = recorder_.take();
        if (schedule_ && timeline_.injections.empty())
            timeline_.injections = schedule_->injections();
        if (timeline_.end == Instant{}) timeline_.end = now();
        std::stable_sort(timeline_.events.begin(),
                         timeline_.events.end(),
                         [](const Event& a, const Event& b) { return a.at < b.at; });
        const TrialMeasures measures = measure_trial(scenario_, timeline_, context_.control);
        for (std::size_t i = 0; i < timeline_.injections.size(); ++i) {
            record_.injections.push_back({timeline_.injections[i], measures.injections[i]});
            if (timeline_.injections[i].mechanism.find("fallback") != std::string::npos) {
                mark(timeline_.injections[i].mechanism);
            }
        }
        record_.operations_total = measures.total;
        record_.operations_ok = measures.ok;
        record_.operations_failed = measures.failed;
        record_.operations_unknown = measures.unknown;
        record_.lag_p99 = measures.lag_p99;
        if (scenario_.load && measures.lag_p99 && *measures.lag_p99 > scenario_.load->lag_max)
            mark("lag");
        record_.false_detections = measures.false_detections;
        record_.false_detection_exposure = measures.false_detection_exposure;
    }

    // ---- small steps

    /// Handles events and follows the load until `done`, the deadline, an interrupt or the death of
    /// the guardian. Returns whether `done`.
    template <class Done>
    bool watch_until(Instant deadline, Done done) {
        static const std::vector<Injection> none;
        for (;;) {
            observation_->update(schedule_ ? schedule_->injections() : none);
            if (schedule_) schedule_->refresh_victims();
            if (done()) return true;
            if (loop_.interrupted() || now() >= deadline || !guardian_lives()) return false;
            const bool observing =
                schedule_ && !schedule_->injections().empty() && phase_ == TrialPhase::inject;
            progress(observing ? TrialPhase::observe : phase_);
            loop_.run_until(std::min(deadline, now() + watch_period));
        }
    }

    bool guardian_lives() {
        if (now() < next_guardian_check_) return guardian_alive_;
        next_guardian_check_ = now() + guardian_check_period;
        guardian_alive_ = context_.guardian.alive();
        if (!guardian_alive_) {
            end_with(TrialOutcome::harness_error,
                     "the guardian process has died, so a crash of the harness would leave things "
                     "behind");
        }
        return guardian_alive_;
    }

    bool end_with(TrialOutcome outcome, const std::string& reason) {
        if (record_.outcome == TrialOutcome::pass || outcome == TrialOutcome::harness_error) {
            record_.outcome = outcome;
            record_.reason = reason;
        }
        return false;
    }

    void mark(const std::string& text) {
        if (std::find(record_.marks.begin(), record_.marks.end(), text) == record_.marks.end()) {
            record_.marks.push_back(text);
        }
    }

    void note(const std::string& name) {
        const Instant current = now();
        recorder_.add({.at = current, .seen = current, .name = name});
    }

    void progress(TrialPhase phase) {
        phase_ = phase;
        if (!context_.on_progress) return;
        context_.on_progress(
            {context_.number, phase, observation_ ? observation_->recent_success() : 1.0});
    }

    const TrialContext& context_;
    const Scenario& scenario_;
    Loop loop_;
    Random random_;
    Interruption::Registration registration_;
    TrialRecord record_;
    Timeline timeline_;
    WaitClock waits_;
    EventRecorder recorder_;
    RoleBoard board_;
    AuditScope scope_;
    std::string mark_;
    TrialPhase phase_ = TrialPhase::provision;
    bool machine_trouble_ = false;
    bool guardian_alive_ = true;
    Instant next_guardian_check_{};
    std::unique_ptr<DetectionSignals> signals_;
    std::unique_ptr<Fleet> fleet_;
    std::unique_ptr<EventSocket> socket_;
    std::optional<Observation> observation_;
    std::unique_ptr<InjectionSchedule> schedule_;
    std::unique_ptr<Load> load_;  // before the board and the fleet it asks
};

}  // namespace

std::string_view name_of(TrialPhase phase) {
    switch (phase) {
        case TrialPhase::provision:
            return "preparing";
        case TrialPhase::launch:
            return "starting";
        case TrialPhase::steady_state:
            return "steady state";
        case TrialPhase::inject:
            return "injecting";
        case TrialPhase::observe:
            return "observing";
        case TrialPhase::quiet:
            return "quiet period";
        case TrialPhase::teardown:
            return "tearing down";
    }
    return "";
}

TrialResult run_trial(const TrialContext& context) {
    return Trial(context).run();
}

}  // namespace faultline
