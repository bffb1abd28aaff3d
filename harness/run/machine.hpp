// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "harness/launch/process.hpp"

namespace faultline {

/// What this machine allows, found by trying; decided once per run and written into its record.
struct MachineAbilities {
    LaunchMethod launch = LaunchMethod::clone3;
    std::optional<std::filesystem::path> cgroup_root{};  // absent: targets run without cgroups
    std::string cgroup_note{};                           // why not
};
[[nodiscard]] MachineAbilities find_abilities();

/// Facts for the record: kernel, cpu, cores, memory, user, load average, clock source.
[[nodiscard]] std::map<std::string, std::string> machine_facts(const MachineAbilities& abilities);

}  // namespace faultline
