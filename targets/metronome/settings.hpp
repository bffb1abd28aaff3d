// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "targets/metronome/span_source.hpp"

namespace metronome {

/// What a client meets while the metronome fails.
enum class FailureKind {
    error,   // every data request is answered with an error
    silent,  // nothing is answered; what waits is answered at the recovery, as after a hang
    close,   // connections are closed and new ones refused, as after a crash
};

/// When a single metronome breaks, notices and serves again.
struct FailurePlan {
    std::optional<int> trigger_signal{};         // absent: the clock starts at `ready`
    std::optional<faultline::Duration> delay{};  // from the trigger to the failure
    FailureKind kind = FailureKind::error;
    std::optional<faultline::Duration> detect_after{};  // from the failure; absent: never announced
    std::optional<SpanSource> lasts{};                  // absent: it never serves again
};

enum class PairRole { primary, secondary };

/// How a member of a pair watches the other and takes over.
struct PairPlan {
    PairRole role = PairRole::primary;
    std::uint16_t peer_port = 0;                 // where the other member serves clients
    std::optional<faultline::Duration> watch{};  // silence of the primary that counts as its loss
    faultline::Duration heartbeat = std::chrono::milliseconds(10);
    std::optional<faultline::Duration> detect_after{};                    // from the loss
    faultline::Duration takeover_after = std::chrono::milliseconds(100);  // from the loss
    faultline::Duration acknowledge_within =
        std::chrono::seconds(1);  // else the secondary is dropped
    bool replication = true;
};

struct Settings {
    std::uint16_t port = 0;  // 0: any free one, named by the ready line
    std::optional<std::uint16_t> http_port{};
    std::uint64_t seed = 1;
    faultline::Duration ready_after{};  // from the start of the program
    std::filesystem::path log{};        // JSON lines; empty: none
    std::optional<FailurePlan> failure{};
    std::optional<PairPlan> pair{};
};

/// Whether the settings make sense together. Errors: the flags that do not, and the remedy.
[[nodiscard]] faultline::Result<> check(const Settings& settings);

}  // namespace metronome
