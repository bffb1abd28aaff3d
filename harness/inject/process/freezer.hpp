// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/inject/process/held_process.hpp"

namespace faultline {

/// Stops and continues one victim, everything opened beforehand. By its cgroup where it has one
/// that we may write: then every thread and descendant stops within some 30 us. Else by SIGSTOP,
/// where threads may run on for up to 80 ms and descendants are not reached.
class Freezer {
  public:
    /// Errors: the victim does not run.
    [[nodiscard]] static Result<Freezer> open(Victim& victim);
    [[nodiscard]] static Result<std::vector<Freezer>> open_all(const std::vector<Victim*>& victims);

    [[nodiscard]] Result<> freeze() const;
    /// A process that has ended or a cgroup that is gone is thawed enough.
    [[nodiscard]] Result<> thaw() const;
    /// Looks: whether every thread stands still now.
    [[nodiscard]] bool frozen() const;

    [[nodiscard]] bool by_cgroup() const { return static_cast<bool>(control_); }
    [[nodiscard]] const HeldProcess& process() const { return process_; }
    [[nodiscard]] Undo undo() const;

  private:
    explicit Freezer(HeldProcess process) : process_(std::move(process)) {}
    HeldProcess process_;
    std::filesystem::path cgroup_;
    UniqueFd control_;  // cgroup.freeze
    UniqueFd events_;   // cgroup.events
};

/// "cgroup freeze", "SIGSTOP (fallback)", or both with who got which.
[[nodiscard]] std::string describe_mechanism(const std::vector<Freezer>& freezers);

}  // namespace faultline
