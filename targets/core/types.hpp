// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

/// The fault-tolerance core: what a service links to survive crashes, hangs, partitions and broken
/// disks. Decisions are pure (inputs and `now` in, effects out); only `runtime` does I/O.
namespace ftcore {

using faultline::Duration;
using faultline::Instant;
using faultline::Random;
using faultline::Result;

using NodeId = std::uint32_t;  // from 1; 0 means nobody
using Term = std::uint64_t;    // from 1; 0 means before the first election
using Index = std::uint64_t;   // of a log entry, from 1; 0 means before the first

constexpr NodeId nobody = 0;

/// When a write is acknowledged. What each level promises: targets/core/README.md.
enum class Level : std::uint8_t {
    high,    // when a quorum has it on disk
    medium,  // when a quorum has it in memory (in the page cache: it survives the process)
    low      // when the primary has it
};

/// Something voted and agreed upon. A witness holds the terms of entries without their data: it
/// votes and acknowledges, and never leads.
struct Member {
    NodeId id = nobody;
    bool witness = false;
};

enum class EntryKind : std::uint8_t { no_op, command };

struct Entry {
    Index index = 0;
    Term term = 0;
    EntryKind kind = EntryKind::no_op;
    std::string data{};

    friend bool operator==(const Entry&, const Entry&) = default;
};

/// What must never be forgotten between two elections. Source: Ongaro 2014, figure 3.1.
struct HardState {
    Term term = 0;
    NodeId vote = nobody;

    friend bool operator==(const HardState&, const HardState&) = default;
};

/// The last entry a snapshot contains.
struct SnapshotMark {
    Index index = 0;
    Term term = 0;

    friend bool operator==(const SnapshotMark&, const SnapshotMark&) = default;
};

}  // namespace ftcore
