// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/inject/link/toxiproxy/findings.hpp"
#include "harness/inject/link/toxiproxy/toxic.hpp"

namespace faultline::link {

/// Reads a toxic. Errors: found; what is answered then must not be used.
[[nodiscard]] Toxic read_toxic(const Node& node, Findings& findings);

/// Reads a change of `before`, to what it shall be. Errors: as `read_toxic`.
[[nodiscard]] Toxic read_toxic_change(const Node& node, const Toxic& before, Findings& findings);

}  // namespace faultline::link
