// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/child_spec.hpp"

namespace ftcore {

std::string_view name_of(RestartStrategy strategy) {
    switch (strategy) {
        case RestartStrategy::one_for_one:
            return "one_for_one";
        case RestartStrategy::one_for_all:
            return "one_for_all";
        case RestartStrategy::rest_for_one:
            break;
    }
    return "rest_for_one";
}

std::string_view name_of(Restart restart) {
    switch (restart) {
        case Restart::permanent:
            return "permanent";
        case Restart::transient:
            return "transient";
        case Restart::temporary:
            break;
    }
    return "temporary";
}

}  // namespace ftcore
