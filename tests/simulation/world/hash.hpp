// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore::simulation {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15;
    return hash ^ (hash >> 29);
}

[[nodiscard]] inline std::uint64_t hash_of(std::string_view bytes) {
    std::uint64_t hash = mix(0x452821e638d01377, bytes.size());
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        const std::size_t count = std::min(bytes.size(), sizeof word);
        std::memcpy(&word, bytes.data(), count);
        hash = mix(hash, word);
        bytes.remove_prefix(count);
    }
    return hash;
}

[[nodiscard]] inline std::uint64_t hash_of(const Entry& entry) {
    return mix(mix(mix(hash_of(entry.data), entry.index), entry.term),
               static_cast<std::uint64_t>(entry.kind));
}

}  // namespace ftcore::simulation
