// SPDX-License-Identifier: Apache-2.0
#include "targets/core/diagnose/cause.hpp"

namespace ftcore {

std::string_view name_of(Cause cause) {
    switch (cause) {
        case Cause::crash:
            return "crash";
        case Cause::hang:
            return "hang";
        case Cause::slow:
            return "slow";
        case Cause::partition_of_peer:
            return "partition_of_peer";
        case Cause::partition_of_self:
            return "partition_of_self";
        case Cause::storage_failing:
            return "storage_failing";
        case Cause::storage_slow:
            return "storage_slow";
        case Cause::storage_full:
            return "storage_full";
        case Cause::overload:
            return "overload";
        case Cause::corruption:
            return "corruption";
    }
    return "crash";
}

}  // namespace ftcore
