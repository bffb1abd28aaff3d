// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>

#include "harness/inject/victim.hpp"
#include "harness/run/fleet.hpp"

namespace faultline {

/// An instance of the fleet as faults see it. The trial's thread keeps the snapshot current; the
/// injector's thread reads it.
class InstanceVictim final : public Victim {
  public:
    InstanceVictim(Loop& loop, Fleet& fleet, int index);

    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] pid_t pid() const override;
    [[nodiscard]] std::uint64_t start_ticks() const override;
    [[nodiscard]] int pidfd() const override;
    [[nodiscard]] std::optional<std::filesystem::path> cgroup() const override;
    [[nodiscard]] std::optional<std::filesystem::path> failpoint_control() const override;
    [[nodiscard]] std::optional<Ended> ended() const override;
    [[nodiscard]] int starts() const override;
    [[nodiscard]] Result<> start() override;
    [[nodiscard]] std::optional<Instant> ready_since() const override;
    void fail_next_starts(int count) override;
    [[nodiscard]] int failed_starts() const override;

    /// Copies what the instance is now. Thread: the trial's; after every start, exit and answer.
    void refresh();
    /// No start will be carried out any more; callers that wait for one get an error.
    void close();

  private:
    struct Snapshot {
        pid_t pid = -1;
        std::uint64_t start_ticks = 0;
        int pidfd = -1;
        int starts = 0;
        std::optional<Ended> ended{};
        std::optional<Instant> ready{};
    };
    struct StartRequest;

    Loop& loop_;
    Fleet& fleet_;
    const int index_;
    const std::string name_;
    mutable std::mutex mutex_;
    Snapshot snapshot_;
    int failed_starts_ = 0;
    int fail_next_ = 0;
    bool closed_ = false;
};

}  // namespace faultline
