// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/base/time.hpp"

namespace faultline {

/// Where an event came from.
enum class EventSource {
    target,   // a datagram on the event socket
    log,      // a line that a matcher knows
    probe,    // a probe whose answer changed
    exit,     // the end of a process
    harness,  // what the harness itself did: phases, injections, clears, starts
};

[[nodiscard]] std::string_view name_of(EventSource source);

/// Something that happened in a trial.
struct Event {
    Instant at;    // when it happened, by whoever stamped it
    Instant seen;  // when the harness learnt of it
    EventSource source = EventSource::harness;
    std::string name;        // "detected", "role", "exit", "inject", ...
    std::string instance{};  // "kv[0]"; empty for the harness and unknown senders
    std::map<std::string, std::string> fields{};  // "about", "cause", regex captures, ...
    int signal = -1;  // index into Scenario::detection when it is a detection signal
};

/// "log sentinel[1]", "event kv[0]", "probe redis[2]", "exit redis[0]".
[[nodiscard]] std::string describe_origin(const Event& event);

}  // namespace faultline
