// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/kinds/distribution.hpp"

namespace faultline::link {

inline constexpr std::uint64_t reset_bytes_max = std::uint64_t{1} << 50;  // a pebibyte

/// Ends connections with RST. Until then everything passes.
struct ResetSpec {
    /// Those that are open when the effect is put on: reset at once, later like new ones, or never.
    enum class Open : std::uint8_t { now, later, keep } open = Open::now;
    /// Whether those that come later are reset too.
    bool fresh = false;
    /// How long after the effect came to a connection it is reset; 0: at once, unless `bytes` says
    /// when. Up to `delay_max`.
    Duration after{};
    /// After how many bytes on the ways together; 0: they do not count. Up to `reset_bytes_max`.
    std::uint64_t bytes = 0;
    Ways ways{};  // on which bytes count
};
/// Errors: what is outside its range, or means nothing.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_reset(ResetSpec spec);

}  // namespace faultline::link
