// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/result/record.hpp"

namespace faultline::reports {

/// How much of a timeline is kept.
struct DigestDetail {
    std::size_t bins = 400;
    std::size_t bad_operations_max = 400;
    std::size_t events_max = 400;
    bool only_telling_events = false;  // leave out what the harness, logs and probes said
};

/// The good operations that were meant to start in one stretch of time, and how many were bad.
/// Units: microseconds; 0 without good ones.
struct DigestBin {
    std::uint32_t good = 0, bad = 0;
    std::int64_t latency_min = 0, latency_median = 0, latency_max = 0;
};

/// Units: microseconds since the zero of the digest.
struct BadOperation {
    std::int64_t at = 0;
    std::int64_t latency = 0;
    std::uint8_t kind = 0;
    Failure failure = Failure::none;  // none: it succeeded, but not within the latency bound
};

/// What an instance was from one instant to another; a role, or `role_down`.
struct RoleSpan {
    std::string instance;
    std::string role;
    std::int64_t from = 0, to = 0;  // microseconds since the zero
};
inline constexpr std::string_view role_down = "down";

/// Operations by their intended start, counted on a grid that all trials share.
struct AlignedCount {
    std::uint32_t good = 0, all = 0;
};

/// The grid: `size` bins from `from` on. Units: since the first injection.
struct AlignedGrid {
    Duration from{};
    Duration width = std::chrono::milliseconds(10);
    std::size_t size = 0;
};

/// What is shown of the timeline of one trial. Zero is its first injection; steady state in a trial
/// without one.
struct TrialDigest {
    int trial = 0;
    std::string missing{};          // why there is no timeline; then all else is empty
    std::int64_t from = 0, to = 0;  // of the load; microseconds since the zero
    double bin_width = 0;           // microseconds
    std::vector<DigestBin> bins{};
    std::vector<BadOperation> bad_operations{};
    std::vector<Event> events{};
    std::vector<RoleSpan> roles{};
    std::vector<Injection> injections{};
    std::vector<std::string> kinds{};
    std::vector<AlignedCount> aligned{};
    std::size_t operations_total = 0, bad_total = 0, events_total = 0;
    Instant zero{};
};

struct DigestOptions {
    ConditionSpec condition{};  // what a good operation is
    DigestDetail detail{};
    AlignedGrid grid{};
};

/// Pure; linear in the operations.
[[nodiscard]] TrialDigest digest_of(const Timeline& timeline, const DigestOptions& options);

}  // namespace faultline::reports
