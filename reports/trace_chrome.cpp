// SPDX-License-Identifier: Apache-2.0
// One trial for Perfetto and chrome://tracing: the harness and every instance as processes, the
// load as counters and the operations that were not ok as slices.
// Source: Trace Event Format, "JSON Object Format"; ts and dur in microseconds.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/plain.hpp"
#include "reports/trace.hpp"

namespace faultline::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t bins_max = 2000;  // of the load's counters
constexpr Duration bin_min = std::chrono::milliseconds(1);
constexpr std::size_t operation_slices_max = 2000;

constexpr int harness_pid = 1;
constexpr int load_pid = 2;
constexpr int first_instance_pid = 10;

std::string_view word_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok:
            return "ok";
        case Outcome::failed:
            return "failed";
        case Outcome::unknown:
            return "unknown";
    }
    return "";
}

class ChromeTrace {
  public:
    explicit ChromeTrace(const TrialTrace& trace) : trace_(trace) {
        for (const InstanceRecord& instance : trace.trial->instances)
            pids_.emplace(instance.name, first_instance_pid + static_cast<int>(pids_.size()));
    }

    [[nodiscard]] Json events() {
        name_processes();
        for (const TraceSpan& span : trace_.spans)
            add_span(span);
        if (trace_.timeline) {
            for (const Event& event : trace_.timeline->events)
                add_instant(event);
            add_fault_slices();
            add_counters();
            add_bad_operations();
        }
        return std::move(events_);
    }

  private:
    [[nodiscard]] double time(Instant at) const {
        return static_cast<double>((at - trace_.clock.start).count()) / 1e3;
    }
    [[nodiscard]] static double span(Duration duration) {
        return static_cast<double>(duration.count()) / 1e3;
    }
    [[nodiscard]] int pid_of(const std::string& instance) const {
        const auto found = pids_.find(instance);
        return found == pids_.end() ? harness_pid : found->second;
    }

    Json& add(const char* phase, const std::string& name, int pid, int tid) {
        events_.push_back(Json{{"name", plain(name)}, {"ph", phase}, {"pid", pid}, {"tid", tid}});
        return events_.back();
    }
    void name(const char* what, int pid, int tid, const std::string& text) {
        Json& event = add("M", what, pid, tid);
        event["args"] = Json{{"name", plain(text)}};
    }

    /// A lane of a process; the same name is the same lane.
    int lane(int pid, const std::string& text) {
        const auto key = std::pair(pid, text);
        const auto found = lanes_.find(key);
        if (found != lanes_.end()) return found->second;
        const int tid = ++lanes_in_[pid];
        lanes_.emplace(key, tid);
        name("thread_name", pid, tid, text);
        Json& order = add("M", "thread_sort_index", pid, tid);
        order["args"] = Json{{"sort_index", tid}};
        return tid;
    }

    void name_processes() {
        name("process_name", harness_pid, 0, "faultline");
        name("process_name", load_pid, 0, "load");
        for (const auto& [instance, pid] : pids_)
            name("process_name", pid, 0, instance);
    }

    /// Slices of one lane must enclose each other or be apart; what overlaps gets a lane of its
    /// own.
    [[nodiscard]] static std::string lane_name(const TraceSpan& span) {
        if (!span.instance.empty()) return span.name.starts_with("role ") ? "roles" : "life";
        if (span.parent.empty() || span.name.starts_with("injection ")) return span.name;
        if (span.parent.find('/') == std::string::npos) return "phases";
        const std::string injection = span.parent.substr(span.parent.rfind('/') + 1);
        const std::string what = span.name.starts_with("stage ") ? "stages" : span.name;
        return injection + ": " + what;
    }

    void add_span(const TraceSpan& from) {
        const int pid = pid_of(from.instance);
        Json& slice = add("X", from.name, pid, lane(pid, lane_name(from)));
        slice["cat"] = from.instance.empty() ? "harness" : "instance";
        slice["ts"] = time(from.begin);
        slice["dur"] = span(from.end - from.begin);
        slice["args"] = Json::object();
        for (const auto& [key, value] : from.attributes) {
            if (!value.empty()) slice["args"][key] = plain(value);
        }
    }

    void add_instant(const Event& event) {
        const int pid = pid_of(event.instance);
        Json& instant = add("i", event.name, pid, lane(pid, "events"));
        instant["cat"] = std::string(name_of(event.source));
        instant["ts"] = time(event.at);
        instant["s"] = "t";
        instant["args"] = Json{{"source", name_of(event.source)}};
        for (const auto& [key, value] : event.fields)
            instant["args"][plain(key)] = plain(value);
    }

    /// The fault on the instance that it hit, as long as it lasted; one that was never taken back
    /// lasts until the measuring ends.
    void add_fault_slices() {
        for (const InjectionRecord& record : trace_.trial->injections) {
            const Injection& injection = record.injection;
            const Instant end =
                injection.cleared.value_or(std::max(trace_.timeline->end, injection.at()));
            for (const std::string& hit : injection.on) {
                if (!pids_.contains(hit)) continue;  // a link
                const int pid = pid_of(hit);
                Json& slice = add("X", injection.fault, pid, lane(pid, "fault " + injection.id));
                slice["cat"] = "fault";
                slice["ts"] = time(injection.call_begin);
                slice["dur"] = span(end - injection.call_begin);
                slice["args"] = Json{{"id", injection.id}, {"evidence", plain(injection.evidence)}};
            }
        }
    }

    struct Bin {
        std::array<std::uint64_t, 3> outcomes{};
        Duration latency_max{};
    };

    void add_counters() {
        const OperationLog& operations = trace_.timeline->operations;
        if (operations.empty()) return;
        Instant first = Instant::max(), last = Instant::min();
        for (std::size_t i = 0; i < operations.size(); ++i) {
            first = std::min(first, instant_of(operations[i].intended_ns));
            last = std::max(last, instant_of(operations[i].intended_ns));
        }
        const Duration width = std::max(bin_min, Duration((last - first).count() / bins_max + 1));
        std::vector<Bin> bins(static_cast<std::size_t>((last - first) / width) + 1);
        for (std::size_t i = 0; i < operations.size(); ++i) {
            const Operation& operation = operations[i];
            const Instant intended = instant_of(operation.intended_ns);
            Bin& bin = bins.at(static_cast<std::size_t>((intended - first) / width));
            ++bin.outcomes.at(static_cast<std::size_t>(operation.outcome));
            if (operation.outcome == Outcome::ok) {
                bin.latency_max =
                    std::max(bin.latency_max, Duration(operation.end_ns - operation.intended_ns));
            }
        }
        for (std::size_t i = 0; i < bins.size(); ++i) {
            const double at = time(first + width * static_cast<std::int64_t>(i));
            const double seconds = seconds_of(width);
            Json& rate = add("C", "operations per second", load_pid, 0);
            rate["ts"] = at;
            for (const Outcome outcome : {Outcome::ok, Outcome::failed, Outcome::unknown}) {
                const auto count = bins[i].outcomes.at(static_cast<std::size_t>(outcome));
                rate["args"][std::string(word_of(outcome))] = static_cast<double>(count) / seconds;
            }
            Json& latency = add("C", "slowest ok operation, ms", load_pid, 0);
            latency["ts"] = at;
            latency["args"] = Json{{"latency", milliseconds_of(bins[i].latency_max)}};
        }
    }

    /// Evenly chosen when there are more than a viewer shows well; they overlap, so each is an
    /// asynchronous slice.
    void add_bad_operations() {
        const Timeline& timeline = *trace_.timeline;
        const OperationLog& operations = timeline.operations;
        std::vector<std::size_t> bad;
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if (operations[i].outcome != Outcome::ok) bad.push_back(i);
        }
        const std::size_t step = bad.size() / operation_slices_max + 1;
        for (std::size_t i = 0; i < bad.size(); i += step) {
            const Operation& operation = operations[bad[i]];
            const std::string kind = operation.kind < timeline.operation_kinds.size()
                                         ? timeline.operation_kinds[operation.kind]
                                         : "operation";
            const auto half = [&](const char* phase, std::int64_t at_ns) -> Json& {
                Json& event = add(phase, kind, load_pid, 0);
                event["cat"] = word_of(operation.outcome);
                event["id"] = fmt::format("0x{:x}", bad[i]);
                event["ts"] = time(instant_of(at_ns));
                return event;
            };
            half("b", operation.intended_ns)["args"] = Json{{"outcome", word_of(operation.outcome)},
                                                            {"why", name_of(operation.failure)},
                                                            {"each stands for", step}};
            half("e", std::max(operation.end_ns, operation.intended_ns));
        }
    }

    const TrialTrace& trace_;
    std::map<std::string, int> pids_;
    std::map<std::pair<int, std::string>, int> lanes_;
    std::map<int, int> lanes_in_;
    Json events_ = Json::array();
};

std::string render_chrome_trace(const RunRecord& run, const RenderOptions& options) {
    const TrialTrace trace = trace_trial(run, options);
    Json document{{"displayTimeUnit", "ms"},
                  {"otherData",
                   Json{{"run", run.run},
                        {"scenario", run.scenario_name},
                        {"version", run.faultline_version}}},
                  {"traceEvents", Json::array()}};
    if (trace.trial != nullptr) {
        document["otherData"]["trial"] = std::to_string(trace.trial->trial);
        document["otherData"]["start_unix_ns"] = std::to_string(trace.clock.start_unix_ns);
        document["otherData"]["start_error_ns"] = std::to_string(trace.clock.error.count());
        document["traceEvents"] = ChromeTrace(trace).events();
    }
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Renderer chrome_trace_renderer() {
    return {"chrome-trace",
            "",
            "Trace of one trial for Perfetto, Trace Event Format (--trial)",
            render_chrome_trace,
            true};
}

}  // namespace faultline::reports
