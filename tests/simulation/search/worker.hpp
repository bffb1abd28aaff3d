// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <sys/types.h>

#include "tests/simulation/search/search.hpp"

namespace ftcore::simulation {

/// A child process that runs every `jobs`-th seed and tells of each through a pipe.
class Worker {
  public:
    /// Errors: fork or pipe failed.
    [[nodiscard]] static Result<std::unique_ptr<Worker>> start(const SearchSettings& settings,
                                                               unsigned number);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] bool ended() const { return ended_; }
    /// What came since: reports of finished seeds. At its end a worker that died while it ran a
    /// seed gives a report of that.
    [[nodiscard]] std::vector<Report> read();

  private:
    Worker(pid_t pid, int fd) : pid_(pid), fd_(fd) {}
    [[nodiscard]] std::optional<Report> next_report();
    [[nodiscard]] std::optional<Report> last_words();

    pid_t pid_;
    int fd_;
    bool ended_ = false;
    std::string buffer_;
    std::optional<std::uint64_t> running_;  // this seed was begun
};

}  // namespace ftcore::simulation
