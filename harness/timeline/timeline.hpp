// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/timeline/event.hpp"
#include "harness/timeline/operation.hpp"

namespace faultline {

/// Whether an injection is known to have changed something.
enum class Effect { confirmed, unconfirmed };

/// One application of a fault: what was asked, when it happened, and the evidence.
struct Injection {
    std::string id;
    std::string fault;              // kind
    std::vector<std::string> on{};  // the instances it hit, or the links ("kv[0]->kv[1].peer")
    Instant planned{};              // when the schedule wanted it
    Instant call_begin{};           // the bracket around the call that applied it;
    Instant call_end{};             // t0 = call_end, when the call had returned
    Instant effective_bound{};  // no instruction of the victim ran after this, as far as is known
    std::optional<Instant>
        observed{};  // when the effect was seen from outside (pidfd, frozen, serving)
    std::optional<Instant> cleared{};  // when it was taken back
    Effect effect = Effect::unconfirmed;
    std::string evidence{};   // "pid 4711 ended by signal 9 after 0.14 ms"
    std::string mechanism{};  // "cgroup freeze", "SIGSTOP (fallback)"

    [[nodiscard]] Instant at() const { return call_end; }
};

/// Everything one trial saw.
struct Timeline {
    Instant load_start{};
    Instant steady{};  // steady state was reached; triggers count from here
    Instant end{};     // the load stopped; nothing after this is measured
    std::vector<std::string> operation_kinds{};
    OperationLog operations{};
    std::vector<Event> events{};  // in order of `seen`; sort by `at` before measuring
    std::vector<Injection> injections{};
    std::optional<Instant> redundant{};  // every instance was ready again
};

}  // namespace faultline
