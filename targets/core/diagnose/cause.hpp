// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace ftcore {

/// What is wrong. The names are what events and reports say.
enum class Cause : std::uint8_t {
    crash,
    hang,
    slow,
    partition_of_peer,
    partition_of_self,
    storage_failing,
    storage_slow,
    storage_full,
    overload,
    corruption
};

[[nodiscard]] std::string_view name_of(Cause cause);

}  // namespace ftcore
