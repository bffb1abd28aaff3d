// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/simulation/workload/history.hpp"

namespace ftcore::simulation {

enum class Linearizable : std::uint8_t { yes, no, undecided };

struct LinearizabilityVerdict {
    Linearizable verdict = Linearizable::yes;
    std::uint64_t key = 0;  // of the first register that is not
    std::string why{};
};

/// How many configurations are looked at per register before giving up.
constexpr std::size_t configurations_max = 2'000'000;

/// Whether the operations can be put into an order that a single register per key would give, each
/// at one instant between its call and its return. Each value is written by one operation, so an
/// unknown write happened exactly if somebody saw its value, and not after that; one that nobody
/// saw changes nothing and is left out. Source: Wing and Gong, "Testing and Verifying Concurrent
/// Objects" (1993); Lowe, "Testing for Linearizability" (2017), for the memory of configurations.
[[nodiscard]] LinearizabilityVerdict check_linearizability(const History& history);

}  // namespace ftcore::simulation
