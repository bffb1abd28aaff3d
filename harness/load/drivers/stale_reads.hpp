// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "harness/load/load.hpp"
#include "harness/timeline/operation.hpp"

namespace faultline {

/// Operation::version of a read that found a value which is nobody's in this log.
inline constexpr std::uint32_t foreign_version = std::numeric_limits<std::uint32_t>::max();

/// Which operations of a log write the keys that others read.
struct ReadModel {
    std::uint8_t write_kind = 0;
    std::uint8_t read_kind = 0;
    /// false: a write sets the key to its own sequence number, and Operation::version of a read is
    /// the number it found plus one; 0: no value. true: a write adds one and its version is the
    /// answer; a read's is the counter plus one.
    bool counters = false;
};

struct StaleReads {
    static constexpr std::size_t keys_max = 100;

    std::uint64_t checked = 0;  // reads that could be judged
    std::uint64_t stale = 0;
    std::vector<std::uint32_t> keys{};  // the first `keys_max` keys with stale reads, sorted

    void report(WriteCheck& check,
                const std::function<std::string(std::uint32_t key)>& name_of) const;
};

/// The reads that no linearizable service can have answered so, told from the operations alone.
///
///     write v   |--------|            sent(v): the earliest instant it can have arrived
///     read → v     |--------|         known(v): the earliest instant by which it had certainly
///                                     happened: its own acknowledgement, or the end of the first
///                                     read that returned it
///     write u  |--|
///     read → u                 |--|   stale when known(u) < sent(v) and known(v) < sent(read)
///
/// A read that returned u is stale when some write v to its key was known before the read was sent,
/// and was sent after u was known: then u was over when v began, and v was over when the read
/// began. A read that found nothing is stale when any write was known before it was sent. So reads
/// that go back are found as well, and those of writes whose own outcome is unknown. A counter must
/// not be below the largest answer known before the read was sent.
///
/// Never a false alarm, as long as the keys begin empty, nothing else writes them and nothing
/// deletes them: each clause only says that one operation ended before another began. An instant of
/// sending is the earliest possible, one of an end the latest. But a necessary condition only: each
/// key is looked at as a register of its own, and of concurrent operations nothing is asked, not
/// even that two readers agree on their order. A full check is a search for a witness.
///
/// Not judged: reads that failed or have an unknown outcome, and those of a value that no write of
/// the log to that key can have put there (somebody else's, or a write that was sent later).
///
/// A write that was lost makes the reads after it stale, too.
///
/// Cost: O(n log n); 10 million operations take about a second. Memory: 16 bytes an operation, and
/// up to 48 for each of the key that has the most.
/// Source: Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects",
/// ACM TOPLAS 12(3), 1990: locality (theorem 1) is why keys can be judged one by one.
[[nodiscard]] StaleReads find_stale_reads(const OperationLog& log, const ReadModel& model);

}  // namespace faultline
