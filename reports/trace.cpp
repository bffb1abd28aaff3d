// SPDX-License-Identifier: Apache-2.0
#include "reports/trace.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "harness/result/result_directory.hpp"
#include "reports/findings.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

const TrialRecord* choose(const RunRecord& run, const std::optional<int>& asked) {
    if (asked) {
        const auto found = std::find_if(run.trials.begin(),
                                        run.trials.end(),
                                        [&](const auto& each) { return each.trial == *asked; });
        return found == run.trials.end() ? nullptr : &*found;
    }
    const TrialRecord* middle = median_trial(run);
    if (middle == nullptr && !run.trials.empty()) middle = &run.trials.front();
    return middle;
}

/// The first and the last instant that anything of the trial is known to have happened at.
struct Known {
    Instant first = Instant::max();
    Instant last = Instant::min();
    void take(Instant at) {
        if (at == Instant{}) return;  // never
        first = std::min(first, at);
        last = std::max(last, at);
    }
    [[nodiscard]] bool any() const { return first <= last; }
};

Known known_of(const TrialTrace& trace) {
    Known known;
    for (const InjectionRecord& record : trace.trial->injections) {
        known.take(record.injection.call_begin);
        known.take(record.injection.at() + record.measures.observed_for);
    }
    if (!trace.timeline) return known;
    known.take(trace.timeline->load_start);
    known.take(trace.timeline->end);
    for (const Event& event : trace.timeline->events)
        known.take(event.seen);
    return known;
}

TraceClock clock_of(const TrialTrace& trace) {
    constexpr Duration kept_to = std::chrono::milliseconds(1);
    TraceClock clock;
    clock.start_unix_ns = trace.trial->started_unix_ms * 1'000'000;
    clock.error = kept_to;
    if (trace.trial->started) {
        clock.start = *trace.trial->started;
        return clock;
    }
    // Between (last − took), because the trial ended after all that is known of it, and the first.
    const Known known = known_of(trace);
    if (!known.any()) return clock;
    const Instant earliest = std::min(known.last - trace.trial->took, known.first);
    clock.start = earliest + (known.first - earliest) / 2;
    clock.error += (known.first - earliest) / 2;
    return clock;
}

class SpanWriter {
  public:
    explicit SpanWriter(TrialTrace& trace) : trace_(trace) {}

    /// Returns its path. A span that ends before it begins was not known well; it has no length.
    TraceSpan& add(const std::string& parent, const std::string& name, Instant begin, Instant end) {
        TraceSpan span{.name = name, .path = {}};
        span.parent = parent;
        span.path = parent.empty() ? name : parent + "/" + name;
        // Two injections of one id, or the same role twice.
        if (const int times = ++used_[span.path]; times > 1) span.path += fmt::format("#{}", times);
        span.begin = begin;
        span.end = std::max(begin, end);
        trace_.spans.push_back(std::move(span));
        return trace_.spans.back();
    }

  private:
    TrialTrace& trace_;
    std::map<std::string, int> used_{};
};

std::string add_trial(TrialTrace& trace, SpanWriter& spans) {
    const TrialRecord& trial = *trace.trial;
    TraceSpan& span =
        spans.add("", fmt::format("trial {}", trial.trial), trace.clock.start, trace.end);
    span.failed = trial.outcome != TrialOutcome::pass;
    span.status = trial.reason;
    span.attributes = {{"faultline.trial.kind", trial.control ? "control" : "fault"},
                       {"faultline.trial.outcome", std::string(name_of(trial.outcome))},
                       {"faultline.trial.seed", std::to_string(trial.seed)},
                       {"faultline.clock.error_ns", std::to_string(trace.clock.error.count())}};
    if (!trace.missing.empty()) span.attributes.emplace_back("faultline.timeline", trace.missing);
    for (const std::string& mark : trial.marks)
        span.attributes.emplace_back("faultline.trial.mark." + mark, "true");
    return span.path;
}

void add_phases(const TrialTrace& trace, const std::string& trial, SpanWriter& spans) {
    if (!trace.timeline) return;
    const Timeline& timeline = *trace.timeline;
    const Instant never{};
    if (timeline.load_start == never) return;
    spans.add(trial, "start", trace.clock.start, timeline.load_start);
    const Instant end = timeline.end == never ? trace.end : timeline.end;
    const Instant steady = timeline.steady == never ? end : timeline.steady;
    spans.add(trial, "reach steady state", timeline.load_start, steady);
    if (timeline.steady != never) spans.add(trial, "inject and observe", steady, end);
    spans.add(trial, "quiet period and tear-down", end, trace.end);
}

void add_injection(const InjectionRecord& record, const std::string& trial, SpanWriter& spans) {
    const Injection& injection = record.injection;
    const InjectionMeasures& measures = record.measures;
    const Instant t0 = injection.at();
    Instant end = t0 + measures.recovery_time.value_or(measures.observed_for);
    if (injection.cleared) end = std::max(end, *injection.cleared);
    TraceSpan& whole = spans.add(trial, "injection " + injection.id, injection.call_begin, end);
    whole.attributes = {
        {"faultline.fault", injection.fault},
        {"faultline.hit", say_hit(injection.on)},
        {"faultline.effect", injection.effect == Effect::confirmed ? "confirmed" : "unconfirmed"},
        {"faultline.evidence", injection.evidence},
        {"faultline.mechanism", injection.mechanism}};
    if (!measures.diagnosis.empty())
        whole.attributes.emplace_back("faultline.diagnosis", measures.diagnosis);
    if (measures.success_rate)
        whole.attributes.emplace_back("faultline.success_rate", say_share(*measures.success_rate));
    if (measures.masked) whole.attributes.emplace_back("faultline.masked", "true");
    whole.failed = measures.censored;
    if (measures.censored)
        whole.status = "not recovered within " + say_span(std::optional(measures.observed_for));
    const std::string path = whole.path;
    spans.add(path, "apply " + injection.fault, injection.call_begin, injection.call_end);
    if (injection.cleared) spans.add(path, "fault in effect", t0, *injection.cleared);
    if (measures.detection_time) {
        spans.add(path, "detection", t0, t0 + *measures.detection_time).attributes = {
            {"faultline.detected_by", measures.detected_by}};
    }
    if (measures.recovery_time && !measures.masked)
        spans.add(path, "recovery", t0, t0 + *measures.recovery_time);
    Instant before = t0;
    for (const NamedStage& stage : told_stages(measures.stages)) {
        spans.add(path, fmt::format("stage {}", stage.name), before, t0 + stage.at);
        before = t0 + stage.at;
    }
}

/// From one word of a target about its role to the next; what probes saw where it says nothing.
void add_roles(const TrialTrace& trace,
               const std::string& instance,
               const std::string& parent,
               SpanWriter& spans) {
    std::string held;  // the role; empty: none
    Instant since{};
    const auto end_at = [&](Instant at) {
        if (held.empty()) return;
        TraceSpan& span = spans.add(parent, "role " + held, since, at);
        span.instance = instance;
        held.clear();
    };
    Instant last{};
    for (const Event& event : trace.timeline->events) {
        if (event.instance != instance) continue;
        last = std::max(last, event.at);
        if (event.name == "exit") end_at(event.at);
        const auto role = event.fields.find("role");
        const auto lost = event.fields.find("lost_role");
        if (lost != event.fields.end() && held == lost->second) end_at(event.at);
        if (role == event.fields.end() || held == role->second) continue;
        end_at(event.at);
        held = role->second;
        since = event.at;
    }
    end_at(std::max(last, trace.timeline->end));
}

void add_instances(const TrialTrace& trace, const std::string& trial, SpanWriter& spans) {
    for (const InstanceRecord& instance : trace.trial->instances) {
        Known lived;
        if (trace.timeline) {
            for (const Event& event : trace.timeline->events) {
                if (event.instance == instance.name) lived.take(event.at);
            }
            if (lived.any() && !instance.exit_signal) lived.take(trace.timeline->end);
        }
        if (!lived.any()) continue;
        TraceSpan& span = spans.add(trial, "instance " + instance.name, lived.first, lived.last);
        span.instance = instance.name;
        span.attributes = {{"faultline.instance.starts", std::to_string(instance.starts)},
                           {"faultline.instance.launch", instance.launch_method}};
        if (instance.exit_signal) {
            span.attributes.emplace_back("faultline.instance.exit_signal",
                                         std::to_string(*instance.exit_signal));
        }
        const std::string path = span.path;
        add_roles(trace, instance.name, path, spans);
    }
}

}  // namespace

TrialTrace trace_trial(const RunRecord& run, const RenderOptions& options) {
    TrialTrace trace;
    trace.trial = choose(run, options.trial);
    if (trace.trial == nullptr) return trace;
    auto timeline =
        read_timeline(options.directory / "trials" / fmt::format("{:04}", trace.trial->trial));
    if (timeline) {
        trace.timeline = std::move(*timeline);
        std::stable_sort(trace.timeline->events.begin(),
                         trace.timeline->events.end(),
                         [](const Event& a, const Event& b) { return a.at < b.at; });
    } else {
        trace.missing = timeline.error().message;
    }
    trace.clock = clock_of(trace);
    const Known known = known_of(trace);
    trace.end = trace.clock.start + trace.trial->took;
    if (known.any()) trace.end = std::max(trace.end, known.last);
    SpanWriter spans(trace);
    const std::string trial = add_trial(trace, spans);
    add_phases(trace, trial, spans);
    for (const InjectionRecord& record : trace.trial->injections)
        add_injection(record, trial, spans);
    add_instances(trace, trial, spans);
    return trace;
}

std::string trace_hash(std::string_view text) {
    // FNV-1a, 64 bit; then mixed, or short texts would differ in their low digits only.
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char letter : text) {
        hash ^= static_cast<unsigned char>(letter);
        hash *= 1'099'511'628'211U;
    }
    hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebU;
    hash ^= hash >> 31U;
    return fmt::format("{:016x}", hash == 0 ? 1 : hash);  // zeros mean none in a trace
}

}  // namespace faultline::reports
