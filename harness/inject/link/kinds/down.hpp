// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "harness/inject/link/effect.hpp"

namespace faultline::link {

/// The listening end is gone.
struct DownSpec {
    enum class Mode : std::uint8_t { refuse, silent } mode = Mode::refuse;
    OpenConnections open = OpenConnections::reset;
};
[[nodiscard]] std::shared_ptr<Effect> make_down(DownSpec spec);

}  // namespace faultline::link
