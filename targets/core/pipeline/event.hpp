// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "targets/core/types.hpp"

namespace ftcore {

using EventFields = std::vector<std::pair<std::string, std::string>>;

/// One thing that a stage did, for the harness, the log and the history:
///
///   anomaly    something is unusual and nothing is done about it yet
///   detected   about, by, and what it goes by
///   alert      rule, severity, state (firing, resolved), text; `log` is the same as a line for
///   people located    about, place diagnosed  about, cause, evidence decided    about, strategy,
///   attempt repair     about, step, state = begin repaired   about, strategy, effect, took,
///   resources recovered  about, what serves again verified   about, ok, took, evidence returned
///   about: a peer that had been lost is back error      about, step, text: a step, or a whole
///   strategy, that did not work
struct PipelineEvent {
    Instant at{};
    std::string name;
    EventFields fields{};
};

}  // namespace ftcore
