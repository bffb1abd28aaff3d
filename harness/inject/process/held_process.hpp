// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/inject/fault.hpp"

namespace faultline {

/// A victim's process as it was when the fault was prepared, held by a pidfd of our own: a restart
/// in between can never turn the fault on another process.
class HeldProcess {
  public:
    /// Errors: `not_found` when it does not run.
    [[nodiscard]] static Result<HeldProcess> hold(Victim& victim);
    /// One per victim, in order. Errors: the first that does not run.
    [[nodiscard]] static Result<std::vector<HeldProcess>> hold_all(
        const std::vector<Victim*>& victims);

    [[nodiscard]] Victim& victim() const { return *victim_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    /// "kv[0] (pid 4711)".
    [[nodiscard]] std::string label() const;
    [[nodiscard]] Undo undo_by_continuing() const;

    /// Errors: `not_found` when it has ended.
    [[nodiscard]] Result<> signal(int number) const;
    /// Whether it has ended, straight from the kernel.
    [[nodiscard]] bool gone() const;
    /// Returns whether it has ended, after waiting for that until `deadline`.
    [[nodiscard]] bool wait_until_gone(Instant deadline) const;
    /// How it ended, once the victim knows; after a restart only that it did.
    [[nodiscard]] std::optional<Victim::Ended> ended() const;

  private:
    HeldProcess(Victim& victim, UniqueFd pidfd);
    Victim* victim_;
    pid_t pid_;
    std::uint64_t start_ticks_;
    int start_;  // which of the victim's starts this process is
    UniqueFd pidfd_;
};

/// "KILL" for 9; the number where it has no name.
[[nodiscard]] std::string signal_name(std::int64_t number);

}  // namespace faultline
