// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/workload/key_value.hpp"
#include "tests/simulation/world/clock.hpp"

namespace ftcore::simulation {

enum class OperationKind : std::uint8_t { write, read, exchange };

/// A timeout is unknown, never failed: it may have happened, or happen later.
enum class Outcome : std::uint8_t { running, ok, refused, unknown };

/// One operation of a client on one register.
struct Operation {
    OperationKind kind = OperationKind::read;
    std::uint64_t key = 0;
    Value value = 0;     // write, exchange: the new one, of its own
    Value expected = 0;  // exchange
    Value observed = 0;  // read, exchange, when ok: what was there
    bool done = false;   // exchange, when ok: it was the expected one
    Outcome outcome = Outcome::running;
    TrueTime invoked{};
    TrueTime returned{};  // when ok
};

using History = std::vector<Operation>;

}  // namespace ftcore::simulation
