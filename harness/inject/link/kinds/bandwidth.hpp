// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"

namespace faultline::link {

inline constexpr std::uint64_t rate_max = 1'000'000'000'000;  // bytes per second

/// Lets only so many bytes through per second. Each way has a bandwidth of its own (full duplex).
struct BandwidthSpec {
    std::uint64_t rate = 0;  // bytes per second, 1 to `rate_max`
    /// Who shares it: nobody, or all connections of the effect.
    enum class Share : std::uint8_t { connection, link } share = Share::connection;
    Ways ways{};
};
/// Errors: the rate is outside its range.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_bandwidth(BandwidthSpec spec);

}  // namespace faultline::link
