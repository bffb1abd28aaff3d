// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/inject/fault.hpp"

namespace faultline {

/// A victim that is a real child process (inject_subject). Thread: any.
class ChildVictim final : public Victim {
  public:
    ChildVictim(std::string name,
                std::vector<std::string> arguments,
                std::optional<std::filesystem::path> cgroup = {},
                std::optional<std::filesystem::path> failpoint_control = {});
    ~ChildVictim() override;
    ChildVictim(const ChildVictim&) = delete;
    ChildVictim& operator=(const ChildVictim&) = delete;

    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] pid_t pid() const override;
    [[nodiscard]] std::uint64_t start_ticks() const override;
    [[nodiscard]] int pidfd() const override;
    [[nodiscard]] std::optional<std::filesystem::path> cgroup() const override { return cgroup_; }
    [[nodiscard]] std::optional<std::filesystem::path> failpoint_control() const override {
        return control_;
    }
    [[nodiscard]] std::optional<Ended> ended() const override;
    [[nodiscard]] int starts() const override;
    [[nodiscard]] Result<> start() override;
    [[nodiscard]] std::optional<Instant> ready_since() const override;
    void fail_next_starts(int count) override;
    [[nodiscard]] int failed_starts() const override;

    /// Ends it from outside any fault.
    void kill_and_wait();

  private:
    std::optional<Ended> look() const;  // under mutex_

    std::string name_;
    std::vector<std::string> arguments_;
    std::optional<std::filesystem::path> cgroup_;
    std::optional<std::filesystem::path> control_;
    mutable std::mutex mutex_;
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    mutable std::optional<Ended> ended_;
    std::optional<Instant> ready_;
    int starts_ = 0;
    int fail_next_ = 0;
    int failed_ = 0;
};

/// A cgroup v2 of the test's own, below the one it runs in; absent where that is not permitted.
class TestCgroup {
  public:
    TestCgroup();
    ~TestCgroup();
    TestCgroup(const TestCgroup&) = delete;
    TestCgroup& operator=(const TestCgroup&) = delete;
    [[nodiscard]] const std::optional<std::filesystem::path>& path() const { return path_; }
    [[nodiscard]] bool frozen() const;

  private:
    std::optional<std::filesystem::path> path_;
};

/// The specification of a fault with these parameters.
[[nodiscard]] FaultSpec fault_spec(const std::string& kind,
                                   const std::map<std::string, ParameterValue>& parameters);
[[nodiscard]] Result<std::unique_ptr<Fault>> make_test_fault(const FaultSpec& spec,
                                                             std::vector<Victim*> victims);

/// Looks again until the effect is confirmed or the fault's own deadline passes.
[[nodiscard]] Proof prove_until_confirmed(Fault& fault, Instant applied);

/// CPU time of a process. Units: nanoseconds.
[[nodiscard]] Duration cpu_time(pid_t pid);
/// Whether it uses CPU within ten seconds from now.
[[nodiscard]] bool runs_on(pid_t pid);
/// The state letter of every thread.
[[nodiscard]] std::string thread_states(pid_t pid);

}  // namespace faultline
