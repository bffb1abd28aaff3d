// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.hpp"

namespace faultline {

/// Tries what isolation "netns" needs: makes a network of two ends, connects them, cuts them apart,
/// sees that the cut holds, heals it, and sees that packets pass again.
/// Errors: the first of these that does not work here, and why. Requires: the rights, see
/// `enter_user_namespace_if_needed`.
[[nodiscard]] Result<> check_network();

}  // namespace faultline
