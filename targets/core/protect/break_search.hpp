// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore {

/// What lies behind a broken record.
struct BehindBreak {
    bool whole = false;      // a whole record
    bool sync_mark = false;  // one that was only written after a sync of everything before it
    bool gave_up = false;    // too many false starts; there may be more
    Index highest = 0;       // of the whole entries
};

/// Searches `bytes` from the broken record at `at` on. `base`: the highest index known before it;
/// indexes that could not have been reached within the bytes in between belong to data that only
/// looks like a record. Takes time linear in `bytes`.
[[nodiscard]] BehindBreak search_behind_break(std::string_view bytes,
                                              std::size_t at,
                                              Index base,
                                              std::optional<std::uint64_t> salt);

/// Whether a part of the record at `at` never reached the disk: preallocated sectors that were not
/// written read as zeros, and a file that was growing ends early. A flipped bit leaves neither.
[[nodiscard]] bool unwritten_within_record(std::string_view bytes, std::size_t at);

/// Whether there is nothing but zeros from `at` on.
[[nodiscard]] bool only_zeros(std::string_view bytes, std::size_t at);

}  // namespace ftcore
