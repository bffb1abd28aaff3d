// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// One cgroup v2 folder: membership, freeze and kill reach every thread and descendant at once.
/// Source: Linux Documentation/admin-guide/cgroup-v2.rst.
class Cgroup {
  public:
    /// Makes the folder. Errors: `permission` or `unsupported` where the machine does not allow it.
    [[nodiscard]] static Result<Cgroup> create(const std::filesystem::path& path);

    /// One that is there already. Errors: `not_found`; `unsupported` when it is not a cgroup v2.
    [[nodiscard]] static Result<Cgroup> open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] int fd() const { return folder_.get(); }
    [[nodiscard]] Result<> kill() const;                       // cgroup.kill
    [[nodiscard]] Result<std::vector<pid_t>> members() const;  // of it and the groups below
    [[nodiscard]] Result<> set_memory_max(std::uint64_t bytes) const;
    /// Removes it; waits shortly for the last dead member to be gone.
    [[nodiscard]] Result<> remove();

  private:
    std::filesystem::path path_;
    UniqueFd folder_;
};

/// Where this process may make cgroups: below its own in the unified hierarchy, found by trying.
/// Errors: why not ("no cgroup v2 mount", "/sys/fs/cgroup/... is not writable").
[[nodiscard]] Result<std::filesystem::path> writable_cgroup_root();

}  // namespace faultline
