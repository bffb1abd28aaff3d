// SPDX-License-Identifier: Apache-2.0
#include "harness/timeline/event.hpp"

namespace faultline {

std::string_view name_of(EventSource source) {
    switch (source) {
        case EventSource::target:
            return "event";
        case EventSource::log:
            return "log";
        case EventSource::probe:
            return "probe";
        case EventSource::exit:
            return "exit";
        case EventSource::harness:
            return "harness";
    }
    return "";
}

std::string describe_origin(const Event& event) {
    std::string text(name_of(event.source));
    if (!event.instance.empty()) text += " " + event.instance;
    return text;
}

}  // namespace faultline
