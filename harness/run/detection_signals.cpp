// SPDX-License-Identifier: Apache-2.0
#include "harness/run/detection_signals.hpp"

#include <algorithm>
#include <memory>

namespace faultline {

Result<std::unique_ptr<DetectionSignals>> DetectionSignals::create(Loop& loop,
                                                                   const Scenario& scenario,
                                                                   EventRecorder& recorder) {
    std::unique_ptr<DetectionSignals> made(new DetectionSignals(loop, scenario, recorder));
    for (std::size_t i = 0; i < scenario.detection.size(); ++i) {
        const SignalSpec& signal = scenario.detection[i];
        if (signal.source != SignalSource::log) continue;
        FL_TRY(LogMatcher matcher, LogMatcher::compile(signal.pattern));
        made->lines_.push_back({static_cast<int>(i), std::move(matcher)});
    }
    return made;
}

bool DetectionSignals::concerns(const SignalSpec& signal, const std::string& instance) const {
    if (!signal.in) return true;
    const int index = fleet_->index_of(instance);
    return index >= 0 && fleet_->means(*signal.in, index);
}

void DetectionSignals::on_line(int instance, std::string_view line, Instant arrived) {
    for (const LineSignal& candidate : lines_) {
        const SignalSpec& signal = scenario_.detection[static_cast<std::size_t>(candidate.signal)];
        if (signal.in && !fleet_->means(*signal.in, instance)) continue;
        auto groups = candidate.matcher.match(line);
        if (!groups) continue;
        Event event{.at = arrived, .seen = arrived, .source = EventSource::log, .name = "log"};
        event.instance = fleet_->instance(instance).name();
        event.fields = std::move(*groups);
        event.fields["line"] = std::string(line.substr(0, 500));
        event.signal = candidate.signal;
        recorder_.add(std::move(event));
    }
}

void DetectionSignals::record(Event event) {
    for (std::size_t i = 0; i < scenario_.detection.size() && event.signal < 0; ++i) {
        const SignalSpec& signal = scenario_.detection[i];
        const bool right_source =
            (signal.source == SignalSource::event && event.source == EventSource::target &&
             event.name == signal.name) ||
            (signal.source == SignalSource::exit && event.source == EventSource::exit);
        if (!right_source || !concerns(signal, event.instance)) continue;
        const bool fields_agree =
            std::all_of(signal.fields.begin(), signal.fields.end(), [&](const auto& wanted) {
                const auto field = event.fields.find(wanted.first);
                return field != event.fields.end() && field->second == wanted.second;
            });
        if (fields_agree) event.signal = static_cast<int>(i);
    }
    recorder_.add(std::move(event));
}

void DetectionSignals::start_probes() {
    for (std::size_t i = 0; i < scenario_.detection.size(); ++i) {
        const SignalSpec& signal = scenario_.detection[i];
        if (signal.source != SignalSource::probe) continue;
        for (int index = 0; index < fleet_->size(); ++index) {
            Selector anyone = signal.in.value_or(Selector{});
            anyone.role.reset();  // who has the role is asked when the answer changes
            if (signal.in && !fleet_->means(anyone, index)) continue;
            auto probe = fleet_->probe_of(index, signal.probe);
            if (!probe) continue;
            auto last =
                std::make_shared<std::optional<std::string>>();  // lives as long as the callback
            const int number = static_cast<int>(i);
            probes_.emplace_back(
                loop_,
                signal.probe.period,
                std::move(*probe),
                [=, this, &signal](const ProbeAnswer& answer) {
                    const std::string state = signal.probe.equals
                                                  ? (satisfies(signal.probe, answer) ? "yes" : "no")
                                                  : (answer.ok ? answer.value : "no answer");
                    const bool changed = *last && **last != state;
                    *last = state;
                    const bool counts = signal.probe.equals ? state == "yes" : true;
                    if (!changed || !counts) return;
                    Event event{.at = answer.answered,
                                .seen = answer.answered,
                                .source = EventSource::probe,
                                .name = "probe"};
                    event.instance = fleet_->instance(index).name();
                    event.fields["answer"] = answer.ok ? answer.value : answer.error;
                    if (concerns(signal, event.instance)) event.signal = number;
                    recorder_.add(std::move(event));
                });
        }
    }
}

}  // namespace faultline
