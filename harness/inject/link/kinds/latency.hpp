// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/kinds/distribution.hpp"

namespace faultline::link {

/// Delays what passes. The order of bytes is kept: a chunk leaves when its own delay is over and
/// everything before it has left. The end of the stream is delayed like a chunk.
struct LatencySpec {
    DelaySpec delay{};
    enum class Per : std::uint8_t { chunk, connection } per = Per::chunk;  // one draw for each
    Ways ways{};
};
/// Errors: as `Distribution::make`.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_latency(LatencySpec spec);

}  // namespace faultline::link
