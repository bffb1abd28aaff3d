// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/time.hpp"

namespace faultline::testing {

/// A running ftsupervisor, whose output and log are read as one stream of lines; killed at the end,
/// and its children with it.
class SupervisorProgram {
  public:
    explicit SupervisorProgram(const std::vector<std::string>& arguments,
                               const std::map<std::string, std::string>& environment = {});
    ~SupervisorProgram();
    SupervisorProgram(const SupervisorProgram&) = delete;
    SupervisorProgram& operator=(const SupervisorProgram&) = delete;

    /// The next line that contains `text`, skipping others. Fails the test, and answers nothing,
    /// when it does not come within a minute or the output ends.
    std::string wait_for(const std::string& text);
    /// The number that ends the next line which contains `text`; 0, and a failed test, without one.
    /// For comparing and watching only: signals go through `WatchedProcess`.
    pid_t wait_for_pid(const std::string& text);
    void send_signal(int number) const;
    /// The exit code, or minus the signal that ended it. All lines that came meanwhile are kept.
    int wait_exit();
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  private:
    std::optional<std::string> next_line(Instant deadline);

    pid_t pid_ = 0;  // 0: not running
    UniqueFd output_;
    std::string unread_;
    std::vector<std::string> lines_;
};

/// Names a process for good, also when its number is given away. Signals go through it and never to
/// a bare number: kill(2) takes -1, which a failed wait may well answer, for every process there
/// is.
class WatchedProcess {
  public:
    /// Fails the test unless `pid` is a running process.
    explicit WatchedProcess(pid_t pid);
    void send_signal(int number) const;
    /// Whether it ends within a minute.
    [[nodiscard]] bool ends() const;
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_;
    UniqueFd pidfd_;
};

}  // namespace faultline::testing
