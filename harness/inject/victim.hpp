// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline {

/// An instance as a fault sees it: who it is and what can be done to it. `run` puts it over the
/// launched instance, so that injecting does not depend on launching.
/// Thread: functions are called from the injector's thread unless they say otherwise; the
/// implementation makes that safe.
class Victim {
  public:
    virtual ~Victim() = default;

    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual pid_t pid() const = 0;  // of the running process, or -1
    [[nodiscard]] virtual std::uint64_t start_ticks() const = 0;
    [[nodiscard]] virtual int pidfd() const = 0;  // valid until it is started again
    [[nodiscard]] virtual std::optional<std::filesystem::path> cgroup() const = 0;
    /// The file through which its fail points get their orders; absent: it was started without.
    [[nodiscard]] virtual std::optional<std::filesystem::path> failpoint_control() const = 0;
    /// When the harness saw the process of this start end (its pidfd became readable), and how.
    struct Ended {
        Instant seen;
        std::string how;  // "signal 9 (KILL)"
    };
    [[nodiscard]] virtual std::optional<Ended> ended() const = 0;
    [[nodiscard]] virtual int starts() const = 0;
    /// Starts it again and returns when exec has succeeded. Requires: it has ended.
    /// Carried out on the trial's thread; blocks the caller.
    [[nodiscard]] virtual Result<> start() = 0;
    /// Whether its ready probe has answered since the last start; when it has none, whether it
    /// runs.
    [[nodiscard]] virtual std::optional<Instant> ready_since() const = 0;
    virtual void fail_next_starts(int count) = 0;
    [[nodiscard]] virtual int failed_starts() const = 0;  // starts that failed on purpose
};

}  // namespace faultline
