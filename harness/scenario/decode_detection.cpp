// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {
namespace {

using Fields = std::map<std::string, std::string>;

struct SourceKeys {
    std::string_view name;
    SignalSource source;
    std::vector<std::string_view> others;  // the fixed keys that go with it
};

const std::array<SourceKeys, 4>& source_keys() {
    static const std::array<SourceKeys, 4> keys{
        SourceKeys{"log", SignalSource::log, {"in"}},
        SourceKeys{"event", SignalSource::event, {"in", "where"}},
        SourceKeys{"probe", SignalSource::probe, {"in", "port", "period", "timeout", "equals"}},
        SourceKeys{"exit", SignalSource::exit, {}}};
    return keys;
}

/// The one source a signal names. Errors: none or several.
const SourceKeys* source_of(const Node& node, const DecodeContext& context) {
    const SourceKeys* found = nullptr;
    for (const SourceKeys& keys : source_keys()) {
        if (node.find(keys.name) == nullptr) continue;
        if (found != nullptr) {
            context.mistakes.add(
                node.place,
                fmt::format("\"{}\" and \"{}\" are both there; make two signals of it",
                            found->name,
                            keys.name));
            return nullptr;
        }
        found = &keys;
    }
    if (found == nullptr && node.object() != nullptr) {
        context.mistakes.add(
            node.place, "say what the signal is, with \"log\", \"event\", \"probe\" or \"exit\"");
    }
    return found;
}

/// Keys that mean nothing beside this source.
void check_keys(const Node& node, const SourceKeys& source, const DecodeContext& context) {
    for (const Node::Member& member : *node.object()) {
        if (signal_section().find(member.key) == nullptr || member.key == source.name) continue;
        if (std::find(source.others.begin(), source.others.end(), member.key) !=
            source.others.end())
            continue;
        context.mistakes.add(
            member.key_place,
            fmt::format("\"{}\" means nothing beside \"{}\"", member.key, source.name));
    }
}

SignalSpec signal_of(const Node& node, const DecodeContext& context) {
    Scope scope = scope_by(node, "in", context.names);
    scope.victims_known = false;  // signals are watched from the start
    const DecodedSection section = decode_section(signal_section(), node, context, scope);
    SignalSpec signal;
    const SourceKeys* source = source_of(node, context);
    if (source == nullptr) return signal;
    check_keys(node, *source, context);
    signal.source = source->source;
    const char* where = source->source == SignalSource::exit ? "exit" : "in";
    if (const auto in = section.values.find<std::string>(where)) signal.in = *parse_selector(*in);
    signal.fields = section.values.find<Fields>("where").value_or(Fields{});
    switch (source->source) {
        case SignalSource::log:
            signal.pattern = section.values.find<std::string>("log").value_or("");
            signal.text = "log " + signal.pattern;
            break;
        case SignalSource::event:
            signal.name = section.values.find<std::string>("event").value_or("");
            signal.text = "event " + signal.name;
            break;
        case SignalSource::probe:
            signal.probe = probe_of(section, context, scope);
            signal.text = "probe " + signal.probe.kind;
            if (signal.probe.equals) signal.text += " = " + *signal.probe.equals;
            if (!section.has("in")) {
                context.mistakes.add(node.place, "\"in\" is missing: say whom the probe asks");
            }
            break;
        case SignalSource::exit:
            signal.text = "exit";
            break;
    }
    if (signal.in)
        signal.text += (source->source == SignalSource::exit ? " " : " in ") + signal.in->text;
    return signal;
}

}  // namespace

void decode_detection(const Node* node, DecodeContext& context, Scenario& scenario) {
    if (node == nullptr) return;
    if (node->array() == nullptr) {
        context.mistakes.add(node->place, "expected an array of signals, found " + describe(*node));
        return;
    }
    for (const Node& item : *node->array())
        scenario.detection.push_back(signal_of(item, context));
}

}  // namespace faultline
