// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/base/result.hpp"
#include "harness/scenario/model.hpp"

namespace faultline::cli {

/// Takes the rights that scenarios whose instances may get networks of their own need. Errors: one
/// insists, and the machine does not permit it.
/// Requires: no thread runs yet.
[[nodiscard]] Result<> take_network_rights(std::span<const Scenario* const> scenarios);

}  // namespace faultline::cli
