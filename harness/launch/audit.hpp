// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace faultline {

/// What a trial could leave behind.
struct AuditScope {
    std::string mark;  // value of FAULTLINE_TRIAL in the environment of its processes
    std::vector<std::uint16_t> ports{};
    std::vector<std::filesystem::path> cgroups{};
    std::vector<std::filesystem::path> temporary_paths{};
    std::vector<pid_t> known_children{};  // children of the harness that are not the trial's
                                          // (guardian, other trials')
};

/// Every leak of a trial, as a sentence each: processes (also stopped ones and re-parented
/// orphans), listening ports, mounts, namespaces, cgroups, temporary files. Empty: clean.
[[nodiscard]] std::vector<std::string> audit_leaks(const AuditScope& scope);

/// Processes whose environment holds `name=value`, whatever their parent or session.
[[nodiscard]] std::vector<pid_t> processes_marked(const std::string& name,
                                                  const std::string& value);
/// Children of this process, as the kernel lists them.
[[nodiscard]] std::vector<pid_t> children_of_self();
/// Kills and reaps children of the harness that carry the mark of the trial but were re-parented to
/// us (double forks), and reaps those that have ended already. Returns how many were reaped. Shape:
/// `known_children` are spared. When it is empty, so is every dead child that leads its session: it
/// may be a target whose exit nobody has read yet.
int reap_orphans(const std::string& mark, const std::vector<pid_t>& known_children = {});

}  // namespace faultline
