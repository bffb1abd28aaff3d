// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "targets/core/failover/consensus.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// The bytes of the log, without files: what writing, recovery, the simulator and the fuzzer share.
/// Shape of a record: length (4 bytes), CRC32C over the rest (4), kind (1), body; little endian.

/// Appends the log records of one step (truncation, then entries); the hard state and snapshot
/// pieces live elsewhere.
void append_log_records(std::string& out, const StorageWork& work);

/// What a stretch of log (the records of one or more segments, without segment headers) holds.
struct LogScan {
    std::vector<Entry> entries{};  // truncations carried out; consecutive
    std::size_t good_bytes = 0;    // cut the stretch here
    bool torn = false;             // the last write did not get through: normal after a crash
    bool damaged = false;          // something that had been synced does not match its checksum
    Index must_reach = 0;          // damaged: the highest index that was ever stored, as far as the
                                   // readable rest and the watermark tell
    std::string note{};            // one sentence for people; empty when all is well
};

/// `behind`: the log begins behind this index. `synced_bytes`: at least so many bytes are known to
/// have been synced (0: not known); a broken record inside them is damage, not a torn tail, and so
/// is one with a whole record after it.
[[nodiscard]] LogScan scan_log(std::string_view bytes,
                               SnapshotMark behind,
                               std::size_t synced_bytes);

/// The hard state is kept twice, written one after the other; `count` grows with each change.
[[nodiscard]] std::string vote_slot(HardState state, std::uint64_t count);
struct VoteScan {
    HardState state{};
    std::uint64_t count = 0;
    bool damaged = false;  // nothing readable although something was there
};
[[nodiscard]] VoteScan scan_votes(std::string_view first_slot, std::string_view second_slot);
constexpr std::size_t vote_slot_bytes = 64;

}  // namespace ftcore
