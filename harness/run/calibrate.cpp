// SPDX-License-Identifier: Apache-2.0
#include "harness/run/calibrate.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <sstream>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/units.hpp"
#include "harness/inject/injector.hpp"
#include "harness/launch/instance.hpp"
#include "harness/launch/ports.hpp"
#include "harness/load/load.hpp"
#include "harness/measure/injection_measures.hpp"
#include "harness/observe/event_socket.hpp"
#include "harness/observe/log_matcher.hpp"
#include "harness/observe/probe.hpp"
#include "harness/run/jitter_meter.hpp"
#include "harness/run/machine.hpp"
#include "harness/run/run.hpp"

namespace faultline {
namespace {

constexpr Duration detect_after = std::chrono::milliseconds(30);
constexpr Duration fail_for = std::chrono::milliseconds(60);
constexpr Duration cycle = std::chrono::milliseconds(160);
constexpr Duration cycle_jitter = std::chrono::milliseconds(10);
constexpr Duration probe_period = std::chrono::milliseconds(2);
constexpr Duration ready_patience = std::chrono::seconds(10);
constexpr double load_rate = 1000;

/// Keeps every core busy while it lives.
class BusyCores {
  public:
    explicit BusyCores(bool busy) {
        const unsigned count = busy ? std::max(1U, std::thread::hardware_concurrency()) : 0;
        for (unsigned i = 0; i < count; ++i) {
            threads_.emplace_back([this] {
                while (!stopping_.load(std::memory_order_relaxed)) {
                }
            });
        }
    }
    ~BusyCores() {
        stopping_ = true;
        for (std::thread& thread : threads_)
            thread.join();
    }
    BusyCores(const BusyCores&) = delete;
    BusyCores& operator=(const BusyCores&) = delete;

  private:
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> threads_;
};

LoadSpec load_spec() {
    LoadSpec spec;
    spec.driver = "redis";
    spec.to.target = "metronome";
    spec.rate = load_rate;
    spec.connections = 4;
    return spec;
}

/// How the metronome is measured: like any scenario with three detection signals.
Scenario measured_scenario() {
    Scenario scenario;
    scenario.name = "calibrate";
    scenario.load = load_spec();
    scenario.recovery = {
        .success_rate = 1.0, .window = std::chrono::milliseconds(30), .within = cycle};
    scenario.detection_within = cycle;
    scenario.success_window = cycle;
    scenario.detection = {{.source = SignalSource::event, .name = "detected", .text = "event"},
                          {.source = SignalSource::log, .pattern = "what=detected", .text = "log"},
                          {.source = SignalSource::probe, .text = "probe"}};
    return scenario;
}

/// What the metronome says it did. Units: nanoseconds of CLOCK_MONOTONIC.
struct Truth {
    std::vector<std::int64_t> failed, detected, recovered;
};

Result<Truth> read_truth(const std::filesystem::path& file) {
    FL_TRY(const std::string text, read_file(file));
    Truth truth;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (!json.is_object() || !json.contains("what") || !json.contains("at_ns")) continue;
        const std::string what = json["what"];
        const std::int64_t at = json["at_ns"];
        if (what == "failed") truth.failed.push_back(at);
        if (what == "detected") truth.detected.push_back(at);
        if (what == "recovered") truth.recovered.push_back(at);
    }
    return truth;
}

ErrorFigures figures_of(std::string name, std::string meaning, std::vector<double> errors) {
    ErrorFigures figures{
        .name = std::move(name), .meaning = std::move(meaning), .n = errors.size()};
    if (errors.empty()) return figures;
    for (double& error : errors)
        error = std::fabs(error);
    std::sort(errors.begin(), errors.end());
    figures.p50 = quantile(errors, 0.5);
    figures.p90 = quantile(errors, 0.9);
    figures.p99 = quantile(errors, 0.99);
    figures.max = errors.back();
    return figures;
}

/// One metronome under load, failing again and again on a signal.
class Session {
  public:
    Session(const CalibrationOptions& options,
            Guardian& guardian,
            Interruption& interruption,
            std::filesystem::path folder)
        : options_(options),
          guardian_(guardian),
          registration_(interruption, loop_),
          folder_(std::move(folder)),
          random_(options.seed) {}

    Result<CalibrationCondition> measure(bool busy) {
        FL_TRY_VOID(start());
        JitterMeter jitter;
        {
            const BusyCores cores(busy);
            run_cycles();
        }
        load_->stop();
        socket_->drain();
        timeline_.end = now();
        timeline_.operations = load_->take_log();
        probe_.reset();
        instance_->begin_stop();
        FL_TRY_VOID(instance_->finish_stop(now() + ready_patience));
        if (loop_.interrupted()) return fail("interrupted");
        FL_TRY(const Truth truth, read_truth(folder_ / "truth.jsonl"));
        return compare(busy, truth, jitter.finish());
    }

  private:
    Result<> start() {
        const MachineAbilities abilities = find_abilities();
        FL_TRY_VOID(make_folder(folder_));
        FL_TRY(lease_, PortLease::take(1, random_));
        const std::uint16_t port = lease_.ports().front();
        FL_TRY(
            socket_,
            EventSocket::open(loop_, {.path = folder_ / "events", .on_event = [this](Event event) {
                                          if (event.name != "detected") return;
                                          event.signal = 0;
                                          timeline_.events.push_back(std::move(event));
                                      }}));
        FL_TRY(LogMatcher matcher, LogMatcher::compile("what=detected"));
        matcher_.emplace(std::move(matcher));
        InstanceObserver observer;
        observer.on_line = [this](const std::string&, bool, std::string_view line, Instant at) {
            on_line(line, at);
        };
        instance_ = std::make_unique<Instance>(
            loop_, guardian_, abilities.launch, plan(port, abilities), observer);
        FL_TRY_VOID(instance_->start());
        if (!loop_.wait_until(now() + ready_patience,
                              [this] { return ready_ || !instance_->running(); }) ||
            !ready_) {
            return fail("the metronome target did not start; is it built beside this program?");
        }
        FL_TRY_VOID(start_probe(port));
        return start_load(port);
    }

    [[nodiscard]] InstancePlan plan(std::uint16_t port, const MachineAbilities& abilities) const {
        InstancePlan plan;
        plan.name = "metronome[0]";
        plan.target = "metronome";
        plan.folder = folder_;
        plan.output_folder = folder_;
        plan.working_folder = folder_.string();
        plan.command = {(program_folder() / "metronome").string(),
                        "--port",
                        std::to_string(port),
                        "--fail-on",
                        "USR1",
                        "--fail-for",
                        spell_duration(fail_for),
                        "--detect-after",
                        spell_duration(detect_after),
                        "--log",
                        (folder_ / "truth.jsonl").string()};
        plan.environment = {{"FAULTLINE_EVENTS", (folder_ / "events").string()},
                            {"FAULTLINE_RUN", guardian_.run()},
                            {"FAULTLINE_TRIAL", guardian_.run()},
                            {"FAULTLINE_INSTANCE", plan.name}};
        if (abilities.cgroup_root)
            plan.cgroup =
                *abilities.cgroup_root / ("faultline-" + guardian_.run()) / folder_.filename();
        return plan;
    }

    void on_line(std::string_view line, Instant at) {
        if (line.find("what=ready") != std::string_view::npos) ready_ = true;
        if (!matcher_->match(line)) return;
        timeline_.events.push_back(
            {.at = at, .seen = at, .source = EventSource::log, .name = "log", .signal = 1});
    }

    Result<> start_probe(std::uint16_t port) {
        ProbeSpec spec;
        spec.kind = "redis.role";
        spec.timeout = std::chrono::milliseconds(100);
        FL_TRY(auto probe, make_probe(loop_, spec, {.instance = "metronome[0]", .port = port}));
        probe_.emplace(loop_, probe_period, std::move(probe), [this](const ProbeAnswer& answer) {
            const bool failed = answer.ok && answer.value == "failed";
            if (failed && !probe_failed_) {
                timeline_.events.push_back({.at = answer.answered,
                                            .seen = answer.answered,
                                            .source = EventSource::probe,
                                            .name = "probe",
                                            .signal = 2});
            }
            probe_failed_ = failed;
        });
        return {};
    }

    Result<> start_load(std::uint16_t port) {
        LoadTargets targets;
        targets.endpoints = {{.instance = "metronome[0]", .port = port}};
        targets.current = [] { return std::vector<int>{0}; };
        FL_TRY(load_, make_load(load_spec(), std::move(targets), random_.fork("load")));
        timeline_.load_start = now();
        timeline_.steady = timeline_.load_start;
        return load_->start();
    }

    void run_cycles() {
        const int pidfd = instance_->process().pidfd();
        Instant next = now() + cycle;
        std::atomic<int> fired = 0;
        std::vector<Firing> firings;  // the injector's thread adds; read after it has ended
        firings.reserve(static_cast<std::size_t>(options_.cycles));
        {
            Injector injector;
            for (int i = 0; i < options_.cycles && !loop_.interrupted(); ++i) {
                next += cycle + Duration(static_cast<std::int64_t>(
                                    random_.uniform() * static_cast<double>(cycle_jitter.count())));
                injector.arm(
                    next,
                    [pidfd]() -> Result<> {
                        if (::syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, nullptr, 0) != 0)
                            return fail_errno("signalling the metronome", errno);
                        return {};
                    },
                    [&](Firing firing) {
                        firings.push_back(std::move(firing));
                        ++fired;
                    });
                loop_.wait_until(next + cycle, [&, i] { return fired > i; });
            }
            loop_.run_until(next + cycle);
        }
        for (const Firing& firing : firings) {
            timeline_.injections.push_back({.id = "fail",
                                            .fault = "signal",
                                            .planned = firing.planned,
                                            .call_begin = firing.call_begin,
                                            .call_end = firing.call_end});
        }
    }

    Result<CalibrationCondition> compare(bool busy,
                                         const Truth& truth,
                                         const std::vector<Duration>& jitter) {
        const std::size_t cycles = timeline_.injections.size();
        if (truth.detected.size() != cycles || truth.recovered.size() != cycles) {
            return fail(fmt::format(
                "the metronome failed {} times but logged {} detections and {} recoveries",
                cycles,
                truth.detected.size(),
                truth.recovered.size()));
        }
        std::stable_sort(timeline_.events.begin(),
                         timeline_.events.end(),
                         [](const Event& a, const Event& b) { return a.at < b.at; });
        const TrialMeasures measures = measure_trial(measured_scenario(), timeline_, false);
        std::vector<double> lateness, detection[3], recovery, lag, wake;
        for (std::size_t i = 0; i < cycles; ++i) {
            const Injection& injection = timeline_.injections[i];
            lateness.push_back(
                static_cast<double>((injection.call_end - injection.planned).count()));
            for (const Event& event : timeline_.events) {
                auto& errors = detection[event.signal];
                const bool in_cycle = event.at >= injection.at() &&
                                      event.at < injection.at() + cycle && errors.size() == i;
                if (in_cycle)
                    errors.push_back(
                        static_cast<double>(nanoseconds_of(event.at) - truth.detected[i]));
            }
            const auto& measured = measures.injections[i];
            if (!measured.recovery_time || measured.masked) continue;
            recovery.push_back(static_cast<double>(
                nanoseconds_of(injection.at() + *measured.recovery_time) - truth.recovered[i]));
        }
        for (std::size_t i = 0; i < timeline_.operations.size(); ++i)
            lag.push_back(timeline_.operations[i].lag_us * 1e3);
        for (const Duration late : jitter)
            wake.push_back(static_cast<double>(late.count()));
        return CalibrationCondition{
            busy ? "busy" : "idle",
            {figures_of("injection_lateness",
                        "planned instant to the end of the call",
                        std::move(lateness)),
             figures_of("detection_error_event",
                        "by an event the target stamped",
                        std::move(detection[0])),
             figures_of("detection_error_log",
                        "by a log line, stamped on arrival",
                        std::move(detection[1])),
             figures_of("detection_error_probe",
                        fmt::format("by a probe asked every {}", format_duration(probe_period)),
                        std::move(detection[2])),
             figures_of("recovery_error",
                        fmt::format("by operations every {}",
                                    format_duration(duration_of_seconds(1 / load_rate))),
                        std::move(recovery)),
             figures_of("load_lag", "intended start to sending", std::move(lag)),
             figures_of(
                 "machine_jitter", "a thread that only sleeps wakes late", std::move(wake))}};
    }

    const CalibrationOptions& options_;
    Guardian& guardian_;
    Loop loop_;
    Interruption::Registration registration_;
    std::filesystem::path folder_;
    Random random_;
    PortLease lease_;
    Timeline timeline_;
    bool ready_ = false;
    bool probe_failed_ = false;
    std::optional<LogMatcher> matcher_;
    std::unique_ptr<EventSocket> socket_;
    std::unique_ptr<Instance> instance_;
    std::optional<ProbeSchedule> probe_;
    std::unique_ptr<Load> load_;
};

const ErrorFigures* find_figures(const std::vector<CalibrationCondition>& conditions,
                                 const std::string& name) {
    for (const CalibrationCondition& condition : conditions) {
        if (condition.name != "idle") continue;
        for (const ErrorFigures& figures : condition.figures) {
            if (figures.name == name && figures.n > 0) return &figures;
        }
    }
    return nullptr;
}

}  // namespace

Result<std::vector<CalibrationCondition>> calibrate(
    const CalibrationOptions& options,
    Guardian& guardian,
    Interruption& interruption,
    const std::function<void(const std::string&)>& on_phase) {
    FL_TRY_VOID(promise_cleanup(guardian, find_abilities()));
    const auto root = temporary_root(guardian.run());
    std::vector<CalibrationCondition> conditions;
    for (const bool busy : {false, true}) {
        if (busy && !options.busy) continue;
        on_phase(busy ? "every core busy" : "idle");
        auto condition =
            Session(options, guardian, interruption, root / (busy ? "busy" : "idle")).measure(busy);
        if (!condition) return tl::unexpected(condition.error());
        conditions.push_back(std::move(*condition));
    }
    FL_TRY_VOID(remove_tree(root));
    return conditions;
}

InstrumentError instrument_error_of(const std::vector<CalibrationCondition>& conditions,
                                    const std::string& when) {
    InstrumentError error{.measured_at = when};
    const auto p99 = [&](const char* name) -> std::optional<double> {
        const ErrorFigures* figures = find_figures(conditions, name);
        return figures == nullptr ? std::nullopt : std::optional(figures->p99);
    };
    error.injection_lateness_p99 = p99("injection_lateness");
    error.recovery_error_p99 = p99("recovery_error");
    // The worse of the two sources that are not limited by a period of their own.
    const auto event = p99("detection_error_event");
    const auto log = p99("detection_error_log");
    if (event && log) error.detection_error_p99 = std::max(*event, *log);
    return error;
}

std::string encode_calibration(const std::vector<CalibrationCondition>& conditions) {
    nlohmann::ordered_json json;
    for (const CalibrationCondition& condition : conditions) {
        for (const ErrorFigures& figures : condition.figures) {
            json[condition.name][figures.name] = {{"meaning", figures.meaning},
                                                  {"n", figures.n},
                                                  {"p50_ns", figures.p50},
                                                  {"p90_ns", figures.p90},
                                                  {"p99_ns", figures.p99},
                                                  {"max_ns", figures.max}};
        }
    }
    return json.dump(2);
}

}  // namespace faultline
