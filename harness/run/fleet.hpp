// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/loop.hpp"
#include "harness/load/load.hpp"
#include "harness/observe/probe.hpp"
#include "harness/run/provision.hpp"
#include "harness/timeline/event.hpp"

namespace faultline {

/// All instances of a trial: started in order, watched for readiness and roles, stopped together.
/// Thread: the trial's.
class Fleet {
  public:
    /// Who hears of what the instances do. On the trial's thread.
    struct Observer {
        std::function<void(Event)> on_event;  // exits, roles, readiness
        std::function<void(int instance, std::string_view line, Instant arrived)> on_line;
        /// Right after each start.
        std::function<void(const std::string& instance, pid_t pid)> on_process;
    };

    Fleet(Loop& loop, const TrialContext& context, Provision provision, Observer observer);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Starts every target as soon as those it comes `after` are ready, until all are.
    /// Errors: a target that cannot start, ends or is late, with the last lines of its log;
    /// `exists` when it looks as if somebody took one of its ports.
    [[nodiscard]] Result<> launch();
    /// Begins to ask for roles, and waits until each question was answered or failed once.
    void watch_roles();

    [[nodiscard]] int size() const { return static_cast<int>(members_.size()); }
    [[nodiscard]] Instance& instance(int index) {
        return *members_[static_cast<std::size_t>(index)].instance;
    }
    [[nodiscard]] const Instance& instance(int index) const {
        return *members_[static_cast<std::size_t>(index)].instance;
    }
    [[nodiscard]] int index_of(const std::string& name) const;  // -1: none
    [[nodiscard]] std::string instance_of_pid(int pid) const;   // empty: nobody's
    [[nodiscard]] ProbeTarget probe_target(int index, const std::string& port) const;

    /// A probe of one instance, the templates in its parameters filled.
    [[nodiscard]] Result<std::unique_ptr<Probe>> probe_of(int index, ProbeSpec spec);

    /// The instances a selector means right now, `:any` not yet drawn.
    [[nodiscard]] std::vector<int> holders(const Selector& selector) const;
    [[nodiscard]] bool means(const Selector& selector, int index) const;
    /// Asks the role probes of a target anew; true when all have answered by `deadline`.
    bool refresh_roles(const std::string& target, Instant deadline);
    void ask_roles(const std::string& target);

    /// Since when an instance has been ready; absent: it is not, or is in doubt.
    [[nodiscard]] std::optional<Instant> ready_since(int index) const;
    /// A fault has hit it: it is ready only when it answers a question asked after `since`.
    void doubt(int index, Instant since);
    /// Starts it again. Errors: from `Instance::start`.
    [[nodiscard]] Result<> restart(int index);
    [[nodiscard]] bool all_healthy() const;
    /// Since when every instance has been healthy; absent: one is not.
    [[nodiscard]] std::optional<Instant> healthy_since() const { return healthy_since_; }

    /// Ends everything: stop signals, grace, kill, reap. Errors: what would not go.
    [[nodiscard]] Result<> stop(Instant deadline);
    void stop_probes();

    /// Where the load reaches the instances of a target, through its links where it has some.
    [[nodiscard]] std::vector<Endpoint> endpoints(const std::string& target,
                                                  const std::string& port) const;
    [[nodiscard]] const Provision& provision() const { return provision_; }

  private:
    struct Member;
    [[nodiscard]] Result<> start(Member& member);
    void begin_ready(Member& member);
    void on_ready_answer(int index, const ProbeAnswer& answer);
    void on_role_answer(int index, const RoleSpec& role, const ProbeAnswer& answer);
    void on_exit(int index, const ExitStatus& status);
    void note_health();
    [[nodiscard]] bool may_start(const Member& member) const;
    [[nodiscard]] Result<> start_what_may();
    [[nodiscard]] tl::unexpected<Error> not_ready(const Member& member,
                                                  const std::string& why) const;

    struct Member {
        std::unique_ptr<Instance> instance;
        const InstanceSpec* spec = nullptr;
        const Target* target = nullptr;
        bool started = false;
        std::optional<ProbeSchedule> ready_probe{};
        Instant ready_deadline{};
        Instant doubted{};
        std::optional<Instant> ready{};
        std::string ready_problem{};
        struct RoleWatch {
            const RoleSpec* role;
            ProbeSchedule schedule;
            bool answered = false;
        };
        std::vector<RoleWatch> role_watches{};
        std::set<std::string> roles{};
    };

    Loop& loop_;
    const TrialContext& context_;
    Observer observer_;
    Provision provision_;
    std::vector<Member> members_;
    std::optional<Instant> healthy_since_{};
};

}  // namespace faultline
