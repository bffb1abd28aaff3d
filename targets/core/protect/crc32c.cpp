// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/crc32c.hpp"

#include <algorithm>
#include <isa-l/crc.h>

#include <climits>

namespace ftcore {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
    // ISA-L's function is the bare register: the complements before and after are the caller's. It
    // takes an int for the length, and a pointer it does not write through.
    std::uint32_t state = ~before;
    while (!bytes.empty()) {
        const std::size_t piece = std::min<std::size_t>(bytes.size(), INT_MAX);
        auto* start =
            const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
        state = ::crc32_iscsi(start, static_cast<int>(piece), state);
        bytes.remove_prefix(piece);
    }
    return ~state;
}

}  // namespace ftcore
