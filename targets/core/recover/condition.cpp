// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/condition.hpp"

namespace ftcore {

std::string_view name_of(Condition condition) {
    switch (condition) {
        case Condition::none:
            return "none";
        case Condition::never:
            return "never";
        case Condition::other_leader:
            return "other_leader";
        case Condition::leader_known:
            return "leader_known";
        case Condition::not_leading:
            return "not_leading";
        case Condition::storage_ok:
            return "storage_ok";
        case Condition::caught_up:
            return "caught_up";
        case Condition::trouble_over:
            return "trouble_over";
    }
    return "none";
}

bool holds(Condition condition, const ConditionView& view) {
    const NodeView& node = view.node;
    switch (condition) {
        case Condition::none:
            return true;
        case Condition::never:
            return false;
        case Condition::other_leader:
            return node.leader != nobody && node.leader != view.lost;
        case Condition::leader_known:
            return node.leader != nobody;
        case Condition::not_leading:
            return node.role != Role::leader;
        case Condition::storage_ok:
            return node.storage_ok;
        case Condition::caught_up:
            return !node.catching_up && node.storage_ok && node.leader != nobody;
        case Condition::trouble_over:
            return view.over;
    }
    return false;
}

}  // namespace ftcore
