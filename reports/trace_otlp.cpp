// SPDX-License-Identifier: Apache-2.0
// One trial as OpenTelemetry spans, for any collector or viewer of traces.
// Source: OTLP 1.x, opentelemetry-proto trace/v1 in its JSON encoding: ids are hexadecimal, 64-bit
// integers are strings, enumerators are numbers.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/plain.hpp"
#include "reports/trace.hpp"

namespace faultline::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr int span_kind_internal = 1;
constexpr int status_unset = 0;
constexpr int status_error = 2;

Json attribute(const std::string& key, const std::string& value) {
    return Json{{"key", key}, {"value", Json{{"stringValue", plain(value)}}}};
}
Json attribute(const std::string& key, std::int64_t value) {
    return Json{{"key", key}, {"value", Json{{"intValue", std::to_string(value)}}}};
}

class OtlpTrace {
  public:
    OtlpTrace(const RunRecord& run, const TrialTrace& trace)
        : run_(run),
          trace_(trace),
          trace_id_(trace_hash(seed("trace")) + trace_hash(seed("trace, second half"))) {}

    [[nodiscard]] Json document() const {
        // The harness first, then the instances by name.
        Json resources = Json::array();
        resources.push_back(resource(""));
        for (const InstanceRecord& instance : trace_.trial->instances) {
            const bool has_spans =
                std::any_of(trace_.spans.begin(), trace_.spans.end(), [&](const TraceSpan& span) {
                    return span.instance == instance.name;
                });
            if (has_spans) resources.push_back(resource(instance.name));
        }
        return Json{{"resourceSpans", std::move(resources)}};
    }

  private:
    [[nodiscard]] std::string seed(std::string_view what) const {
        return fmt::format(
            "{}\n{}\n{}\n{}", run_.run, run_.scenario_name, trace_.trial->trial, what);
    }
    [[nodiscard]] std::string span_id(const std::string& path) const {
        return path.empty() ? "" : trace_hash(seed("span " + path));
    }
    [[nodiscard]] std::string time(Instant at) const {
        return std::to_string(trace_.clock.unix_ns(at));
    }

    [[nodiscard]] Json resource(const std::string& instance) const {
        Json attributes = Json::array();
        attributes.push_back(
            attribute("service.name",
                      instance.empty() ? "faultline" : instance.substr(0, instance.find('['))));
        if (instance.empty()) {
            attributes.push_back(attribute("service.version", run_.faultline_version));
        } else {
            attributes.push_back(attribute("service.instance.id", instance));
        }
        attributes.push_back(attribute("faultline.run", run_.run));
        attributes.push_back(attribute("faultline.scenario", run_.scenario_name));
        for (const auto& [name, value] : run_.parameters)
            attributes.push_back(attribute("faultline.parameter." + name, value));
        Json spans = Json::array();
        for (const TraceSpan& span : trace_.spans) {
            if (span.instance == instance) spans.push_back(span_json(span));
        }
        const Json scope{{"name", "faultline"}, {"version", run_.faultline_version}};
        const Json scope_spans{{"scope", scope}, {"spans", std::move(spans)}};
        return Json{{"resource", Json{{"attributes", std::move(attributes)}}},
                    {"scopeSpans", Json::array({scope_spans})}};
    }

    [[nodiscard]] Json span_json(const TraceSpan& span) const {
        Json json{{"traceId", trace_id_}, {"spanId", span_id(span.path)}};
        if (!span.parent.empty()) json["parentSpanId"] = span_id(span.parent);
        json["name"] = plain(span.name);
        json["kind"] = span_kind_internal;
        json["startTimeUnixNano"] = time(span.begin);
        json["endTimeUnixNano"] = time(span.end);
        json["attributes"] = Json::array();
        for (const auto& [key, value] : span.attributes) {
            if (!value.empty()) json["attributes"].push_back(attribute(key, value));
        }
        json["events"] = events_of(span);
        json["status"] = Json{{"code", span.failed ? status_error : status_unset}};
        if (span.failed && !span.status.empty()) json["status"]["message"] = plain(span.status);
        return json;
    }

    /// What the harness did is on the trial's span, what an instance said on the instance's.
    [[nodiscard]] Json events_of(const TraceSpan& span) const {
        Json events = Json::array();
        const bool of_trial = span.parent.empty();
        const bool of_instance = span.name == "instance " + span.instance;
        if (!trace_.timeline || (!of_trial && !of_instance)) return events;
        for (const Event& event : trace_.timeline->events) {
            if (event.instance != span.instance) continue;
            Json attributes = Json::array();
            attributes.push_back(attribute("faultline.source", std::string(name_of(event.source))));
            attributes.push_back(
                attribute("faultline.seen_after_ns", (event.seen - event.at).count()));
            if (event.signal >= 0)
                attributes.push_back(attribute("faultline.detection_signal", event.signal));
            for (const auto& [key, value] : event.fields)
                attributes.push_back(attribute(plain(key), value));
            events.push_back(Json{{"timeUnixNano", time(event.at)},
                                  {"name", plain(event.name)},
                                  {"attributes", std::move(attributes)}});
        }
        return events;
    }

    const RunRecord& run_;
    const TrialTrace& trace_;
    std::string trace_id_;
};

std::string render_otlp(const RunRecord& run, const RenderOptions& options) {
    const TrialTrace trace = trace_trial(run, options);
    const Json document = trace.trial != nullptr ? OtlpTrace(run, trace).document()
                                                 : Json{{"resourceSpans", Json::array()}};
    constexpr int indent = 1;
    return document.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Renderer otlp_renderer() {
    return {"otlp", "", "OpenTelemetry spans of one trial, OTLP JSON (--trial)", render_otlp, true};
}

}  // namespace faultline::reports
