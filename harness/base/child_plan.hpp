// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {

/// Everything a child needs between its birth and exec, as plain data: the child may share its
/// parent's memory and may neither allocate nor lock.
struct ChildPlan {
    const char* program = nullptr;  // a path, already looked up
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
    const char* folder = nullptr;        // null: the parent's
    int standard_fds[3] = {-1, -1, -1};  // -1: /dev/null
    bool new_session = true;             // else only a process group of its own
    int network_fd = -1;                 // a network namespace to be in; -1: the parent's
    int cgroup_fd = -1;                  // joined by the child itself; -1: already there, or none
    std::uint64_t open_files = 0;        // 0: as the parent's
    std::uint64_t data_bytes = 0;        // 0: as the parent's
    pid_t parent = 0;                    // who must still be there after PR_SET_PDEATHSIG
};

/// Why a child never reached its program.
struct ChildFailure {
    const char* volatile step = nullptr;  // a literal; null: it did
    volatile int error = 0;
};

/// Owns the strings a ChildPlan points at.
class ExecText {
  public:
    ExecText(const std::vector<std::string>& words,
             const std::map<std::string, std::string>& environment);
    ExecText(const ExecText&) = delete;
    ExecText& operator=(const ExecText&) = delete;

    [[nodiscard]] char* const* arguments() const { return arguments_.data(); }
    [[nodiscard]] char* const* environment() const { return environment_.data(); }

  private:
    std::vector<std::string> words_;
    std::vector<std::string> settings_;
    std::vector<char*> arguments_;
    std::vector<char*> environment_;
};

/// Runs in the child: session or group, death signal, cgroup, descriptors, folder, limits, signals.
/// Makes raw system calls only. Returns null, or the step that failed with errno set.
[[nodiscard]] const char* set_up_child(const ChildPlan& plan);

/// "chdir /nowhere: No such file or directory"; `asked_for` is the program as the user wrote it.
[[nodiscard]] Error child_error(const ChildPlan& plan,
                                const std::string& asked_for,
                                const std::string& step,
                                int errno_value);

/// The path of `name` in `search_path` ("/usr/bin:/bin"); a name with a slash is itself.
/// Errors: `not_found`, or `permission` when it is there and cannot be executed.
[[nodiscard]] Result<std::string> find_program(const std::string& name,
                                               const std::string& search_path);

}  // namespace faultline
