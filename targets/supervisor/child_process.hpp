// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <sys/types.h>

#include "harness/base/result.hpp"
#include "targets/supervisor/child_settings.hpp"
#include "targets/supervisor/heartbeat_socket.hpp"

namespace ftsupervisor {

/// The process of one child, run after run. It leads a session and group of its own, writes to the
/// supervisor's own output, and is killed by the kernel should the supervisor die (PDEATHSIG); a
/// supervisor that is merely stuck does not hold it up.
/// Thread: the one that started it, for its whole life (PDEATHSIG is sent when that thread ends).
class ChildProcess {
  public:
    /// Errors: the heartbeat socket cannot be opened.
    [[nodiscard]] static faultline::Result<ChildProcess> open(Child child);

    /// Errors: the program cannot be started; nothing runs then.
    [[nodiscard]] faultline::Result<> start();
    /// Asks it to stop; a stopped one (SIGSTOP) is woken to hear it.
    void ask_to_stop();
    /// Kills it and its process group.
    void kill();
    /// It has ended and is not reaped yet: kills what is left of its group, then reaps it.
    void reap();

    /// Reads its beats. Whether there was one.
    bool drain_beats();
    /// -1: it sends none.
    [[nodiscard]] int heartbeat_fd() const { return heartbeat_ ? heartbeat_->fd() : -1; }
    [[nodiscard]] pid_t pid() const { return pid_; }  // 0: not running
    [[nodiscard]] const ftcore::ChildSpec& spec() const { return child_.spec; }

  private:
    explicit ChildProcess(Child child) : child_(std::move(child)) {}
    [[nodiscard]] std::map<std::string, std::string> environment() const;

    Child child_;
    std::optional<HeartbeatSocket> heartbeat_;
    pid_t pid_ = 0;
};

}  // namespace ftsupervisor
