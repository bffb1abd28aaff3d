// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/core/diagnose/diagnosis.hpp"
#include "targets/core/recover/plan_run.hpp"
#include "targets/core/repair/strategy.hpp"

namespace ftcore {

using IncidentId = std::uint64_t;

/// One diagnosis and all that was done about it.
struct Incident {
    enum class Phase : std::uint8_t {
        repairing,
        verifying,  // repaired; must hold for a while
        settled,    // nothing more to do until the trouble is over
        closed
    };

    IncidentId id = 0;
    Diagnosis diagnosis{};
    Instant began{};                 // when the trouble was detected
    std::vector<Strategy> ladder{};  // to be tried one after the other
    std::size_t rung = 0;
    std::optional<PlanRun> run{};
    Phase phase = Phase::repairing;
    bool over = false;  // the trouble is
    bool safe = false;  // the ladder was climbed to its end
    int actions = 0;
    Instant repaired_at{};
    std::optional<Instant> holds_since{};
    std::vector<std::string> notes{};  // what was done and what came of it

    [[nodiscard]] Strategy strategy() const { return ladder[rung]; }
    void note(Instant now, std::string text);

    static constexpr std::size_t notes_max = 24;
};

/// As lines: a heading, the evidence, what was done. `started`: from which the lines count.
[[nodiscard]] std::vector<std::string> describe(const Incident& incident,
                                                Instant started,
                                                const std::string& about);

}  // namespace ftcore
