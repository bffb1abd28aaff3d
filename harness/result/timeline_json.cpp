// SPDX-License-Identifier: Apache-2.0
#include "harness/result/timeline_json.hpp"

#include <array>
#include <sstream>

#include <fmt/format.h>

#include "harness/result/json_fields.hpp"
#include "harness/result/record_fields.hpp"

namespace faultline {
namespace {

constexpr std::array event_sources{EventSource::target,
                                   EventSource::log,
                                   EventSource::probe,
                                   EventSource::exit,
                                   EventSource::harness};

void head_fields(JsonFields& json, Timeline& timeline) {
    json.version(record_version);
    json.field("load_start_ns", timeline.load_start);
    json.field("steady_ns", timeline.steady);
    json.field("end_ns", timeline.end);
    json.field("redundant_ns", timeline.redundant);
    json.field("operation_kinds", timeline.operation_kinds);
}

void event_fields(JsonFields& json, Event& event) {
    json.require("at_ns");
    json.field("at_ns", event.at);
    json.field("seen_ns", event.seen);
    json.choice("source", event.source, event_sources);
    json.require("name");
    json.field("name", event.name);
    json.field("instance", event.instance);
    json.field("fields", event.fields);
    json.field("signal", event.signal);
}

template <class Fields>
void write_line(std::string& text, std::string kind, Fields fields) {
    JsonFields json = JsonFields::to_write();
    json.field("line", kind);
    fields(json);
    text += json.text();
    text += '\n';
}

Result<> read_line(const std::string& line, Timeline& timeline) {
    FL_TRY(JsonFields json, JsonFields::to_read(line));
    std::string kind;
    json.require("line");
    json.field("line", kind);
    if (kind == "timeline") {
        head_fields(json, timeline);
    } else if (kind == "injection") {
        injection_fields(json, timeline.injections.emplace_back());
    } else if (kind == "event") {
        event_fields(json, timeline.events.emplace_back());
    }
    return json.finish();  // lines of other kinds may stand beside ours
}

}  // namespace

std::string encode_timeline(const Timeline& timeline) {
    std::string text;
    Timeline head;
    head.load_start = timeline.load_start;
    head.steady = timeline.steady;
    head.end = timeline.end;
    head.redundant = timeline.redundant;
    head.operation_kinds = timeline.operation_kinds;
    write_line(text, "timeline", [&](JsonFields& json) { head_fields(json, head); });
    for (Injection injection : timeline.injections) {
        write_line(text, "injection", [&](JsonFields& json) { injection_fields(json, injection); });
    }
    for (Event event : timeline.events) {
        write_line(text, "event", [&](JsonFields& json) { event_fields(json, event); });
    }
    return text;
}

Result<Timeline> decode_timeline(const std::string& text) {
    Timeline timeline;
    std::istringstream lines(text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (auto read = read_line(line, timeline); !read) {
            return in_context(fmt::format("line {}", number), read.error());
        }
    }
    return timeline;
}

}  // namespace faultline
