// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "targets/core/protect/log_codec.hpp"
#include "targets/core/protect/record.hpp"

namespace ftcore::testing {

inline Entry command(Index index, Term term, std::string data) {
    return {index, term, EntryKind::command, std::move(data)};
}

/// Entries `first` to `last` of one term, with data of growing length.
inline std::vector<Entry> commands(Index first, Index last, Term term) {
    std::vector<Entry> entries;
    for (Index index = first; index <= last; ++index) {
        entries.push_back(
            command(index, term, "value-" + std::to_string(index) + std::string(index % 7, '.')));
    }
    return entries;
}

inline std::string log_of(const std::vector<Entry>& entries) {
    std::string bytes;
    append_log_records(bytes, {.append = entries});
    return bytes;
}

}  // namespace ftcore::testing
