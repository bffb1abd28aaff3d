// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// How targets are started.
enum class LaunchMethod {
    clone3,         // clone3 with VFORK, PIDFD and, given a cgroup, INTO_CGROUP
    boost_process,  // where clone3 is forbidden, as in some containers
};
[[nodiscard]] std::string_view name_of(LaunchMethod method);
/// What this machine allows, found once by trying.
[[nodiscard]] LaunchMethod best_launch_method();

struct SpawnRequest {
    std::vector<std::string> command;                // program (looked up in PATH) and arguments
    std::map<std::string, std::string> environment;  // complete, nothing is inherited
    std::string folder;
    std::array<int, 3> standard_fds{-1, -1, -1};  // -1: /dev/null
    int cgroup_fd = -1;                           // directory of a cgroup v2, or -1
    int network_fd = -1;                          // a network namespace, or -1: the caller's
    LimitSpec limits{};                           // memory is set on the cgroup or as RLIMIT_DATA
};

struct ExitStatus {
    std::optional<int> code;  // exit status and signal are apart: `exit 9` is not SIGKILL
    std::optional<int> signal;
    Instant seen{};
};
[[nodiscard]] std::string describe(const ExitStatus& status);  // "exit code 1", "signal 9 (KILL)"

/// A process that we started, held by its pidfd so that a recycled pid is never signalled.
/// Thread: `signal` may be called from any; the rest belongs to the owner.
class Process {
  public:
    Process() = default;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }  // readable when it has ended
    /// Field 22 of /proc/PID/stat: with the pid it names the process for ever. Units: clock ticks.
    [[nodiscard]] std::uint64_t start_ticks() const { return start_ticks_; }

    /// Errors: `not_found` when it has ended.
    [[nodiscard]] Result<> signal(int number) const;
    /// Reaps it if it has ended; afterwards the answer stays.
    std::optional<ExitStatus> poll();

  private:
    friend Result<Process> spawn(const SpawnRequest& request, LaunchMethod method);
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    std::uint64_t start_ticks_ = 0;
    std::optional<ExitStatus> status_;
};

/// Starts a process in a session and group of its own, with PR_SET_PDEATHSIG = SIGKILL, default
/// signals, and no descriptor but its three. Returns when exec has succeeded.
/// Errors: the step that failed and its errno: "execve redis-serverr: No such file or directory".
/// Thread: a long-lived one, because PDEATHSIG fires when the *thread* that launched ends.
[[nodiscard]] Result<Process> spawn(const SpawnRequest& request, LaunchMethod method);

}  // namespace faultline
