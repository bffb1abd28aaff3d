// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "harness/launch/process.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// What this machine allows, found by trying; decided once per run and written into its record.
struct MachineAbilities {
    LaunchMethod launch = LaunchMethod::clone3;
    std::optional<std::filesystem::path> cgroup_root{};  // absent: targets run without cgroups
    std::string cgroup_note{};                           // why not
    /// Instances get networks of their own. Tried only for scenarios that would use them.
    bool network = false;
    std::string network_note{"not asked for"};  // why not
};
[[nodiscard]] MachineAbilities find_abilities();

/// The same, and what the scenario's isolation asks for. Errors: `permission` or `unsupported` when
/// it cannot be had, and "netns" or a fault insists on it; with what to do.
/// Requires: the rights that could be had were taken, see `enter_user_namespace_if_needed`.
[[nodiscard]] Result<MachineAbilities> find_abilities(const Scenario& scenario);

/// Facts for the record: kernel, cpu, cores, memory, user, load average, clock source.
[[nodiscard]] std::map<std::string, std::string> machine_facts(const MachineAbilities& abilities);

}  // namespace faultline
