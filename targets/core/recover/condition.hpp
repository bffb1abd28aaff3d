// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "targets/core/state/node_view.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// What must hold before a step of a repair counts as done.
enum class Condition : std::uint8_t {
    none,          // doing it is enough
    never,         // it ends this process, or has failed
    other_leader,  // somebody leads who is not the lost one
    leader_known,
    not_leading,
    storage_ok,
    caught_up,    // holds all it must, its disk is fine, and it is in touch with the group
    trouble_over  // what was diagnosed is not so any more: the peer is back, the load is gone
};

[[nodiscard]] std::string_view name_of(Condition condition);

struct ConditionView {
    NodeId self = nobody;
    NodeId lost = nobody;  // whom the incident is about
    bool over = false;     // the trouble is
    const NodeView& node;
};
[[nodiscard]] bool holds(Condition condition, const ConditionView& view);

}  // namespace ftcore
