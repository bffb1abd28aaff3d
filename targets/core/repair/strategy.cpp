// SPDX-License-Identifier: Apache-2.0
#include "targets/core/repair/strategy.hpp"

namespace ftcore {

std::string_view name_of(Strategy strategy) {
    switch (strategy) {
        case Strategy::fail_over:
            return "fail_over";
        case Strategy::await_leader:
            return "await_leader";
        case Strategy::await_return:
            return "await_return";
        case Strategy::await_majority:
            return "await_majority";
        case Strategy::hand_over:
            return "hand_over";
        case Strategy::rotate_log:
            return "rotate_log";
        case Strategy::make_room:
            return "make_room";
        case Strategy::resynchronise:
            return "resynchronise";
        case Strategy::shed:
            return "shed";
        case Strategy::observe:
            return "observe";
        case Strategy::restart_self:
            return "restart_self";
        case Strategy::isolate_self:
            return "isolate_self";
    }
    return "observe";
}

}  // namespace ftcore
