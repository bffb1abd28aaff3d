// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "targets/core/failover/consensus.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// What the node is right now; handed in with every turn, so that repairs can be verified.
struct NodeView {
    Role role = Role::follower;
    Term term = 0;
    NodeId leader = nobody;
    bool serving = false;
    Index commit = 0;
    Index applied = 0;
    Index last_index = 0;
    bool catching_up = false;     // behind what it must reach, or restoring
    bool storage_ok = true;       // no failed or refused write outstanding
    std::size_t queue_depth = 0;  // client commands waiting
};

}  // namespace ftcore
