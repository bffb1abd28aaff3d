// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "targets/core/supervise/child_run.hpp"
#include "targets/core/supervise/supervisor.hpp"

namespace ftcore {

struct Supervisor::State {
    using Fields = std::vector<std::pair<std::string, std::string>>;

    State(SupervisorSettings the_settings, std::vector<ChildSpec> specs);

    // ---- what failed
    void child_ended(Instant now, ChildRun& child, const ChildExit& exit);
    void child_failed(Instant now, ChildRun& child, const std::string& detail);
    void check_silence(Instant now);
    void check_verified(Instant now);
    void verified(Instant now, ChildRun& child);

    // ---- with whom
    [[nodiscard]] std::vector<ChildRun*> group_of(const ChildRun& child);
    void restart_group(Instant now, ChildRun& failed);
    void shut_down(Instant now, Ending why);

    // ---- down in reverse order, up in order
    void proceed(Instant now);
    void stop_next(Instant now);
    void kill_overdue(Instant now);
    void release_group(Instant now);
    void start_wanted(Instant now);
    [[nodiscard]] bool may_start(Instant now, const ChildRun& child) const;
    void report_ready(Instant now);
    void finish_if_done(Instant now);

    void act(SupervisorAction::Kind kind, const ChildRun& child);
    void kill(Instant now, ChildRun& child);
    void tell(Instant now, std::string name, Fields fields);

    SupervisorSettings settings;
    std::vector<ChildRun> children;
    RestartLimit limit;
    std::vector<SupervisorAction> actions{};
    std::vector<SupervisorEvent> events{};
    bool ready = false;
    std::optional<Ending> shutting_down{};  // why
    std::optional<Ending> ended{};
};

}  // namespace ftcore
