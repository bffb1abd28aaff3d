// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/inject/link/effect.hpp"

namespace faultline::link {

/// Does nothing.
[[nodiscard]] std::shared_ptr<Effect> make_noop();

}  // namespace faultline::link
