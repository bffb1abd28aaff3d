// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "harness/base/result.hpp"

namespace faultline {

/// Gives this process the rights to make network namespaces. With them already there (root), it
/// does nothing and answers false. Without, it moves into a user namespace and a network namespace
/// of its own, and answers true: the rights hold over what is made in there and nothing else.
///
/// The user and the group stay who they are, in files and in what programs see; programs started
/// from here have no rights that they had not before. The process then sees an empty network with
/// nothing but its loopback: what it reaches by other means than files and Unix sockets must be in
/// there too.
/// Errors: `permission`, with what forbids it and what to do; nothing has changed then. `invalid`
/// when threads run.
/// Requires: no other thread runs yet; processes that are to see the same network start later.
/// Source: user_namespaces(7).
[[nodiscard]] Result<bool> enter_user_namespace_if_needed();

/// Makes an attempt with those rights, in a child that then ends: this process stays where it is.
/// Errors: as above, or the attempt's own. Requires: as above.
[[nodiscard]] Result<> attempt_with_network_rights(const std::function<Result<>()>& attempt);

}  // namespace faultline
