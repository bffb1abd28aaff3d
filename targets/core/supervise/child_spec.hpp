// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/core/types.hpp"

namespace ftcore {

/// Who is restarted with a child that has failed.
enum class RestartStrategy : std::uint8_t {
    one_for_one,  // nobody
    one_for_all,  // everybody
    rest_for_one  // those started after it
};

/// When a child that has ended is started again.
enum class Restart : std::uint8_t {
    permanent,  // always
    transient,  // after a failure, not after a normal end
    temporary   // never
};

/// A child as the supervisor sees it; what its command is, only the outside knows.
struct ChildSpec {
    std::string name;
    std::string event_name{};  // what events call it; empty: `name`
    Restart restart = Restart::permanent;
    /// Starts when these are up: have sent their first beat, or just run if they send none.
    std::vector<std::string> after{};
    /// So long a silence means that it hangs; absent: it sends no beats.
    std::optional<Duration> heartbeat_timeout{};
    Duration first_beat_within = std::chrono::seconds(10);  // its start may take longer
    Duration stop_within = std::chrono::seconds(5);         // asked to stop; then killed
};

struct SupervisorSettings {
    RestartStrategy strategy = RestartStrategy::one_for_one;
    /// More restarts than `restarts_max` within `period` are a fault that restarting does not cure:
    /// the supervisor stops everything and gives up.
    int restarts_max = 5;
    Duration period = std::chrono::seconds(10);
    /// The first restart comes at once, the next ones after a pause that doubles up to the cap. A
    /// child that stayed up for `stable_after` begins anew.
    Duration pause_first = std::chrono::milliseconds(100);
    Duration pause_cap = std::chrono::seconds(5);
    Duration stable_after = std::chrono::seconds(10);
    /// A restarted child without beats counts as repaired for good when it runs for so long.
    Duration verified_after = std::chrono::seconds(1);
};

/// "one_for_one"; "permanent".
[[nodiscard]] std::string_view name_of(RestartStrategy strategy);
[[nodiscard]] std::string_view name_of(Restart restart);

}  // namespace ftcore
