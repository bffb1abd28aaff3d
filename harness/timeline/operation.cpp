// SPDX-License-Identifier: Apache-2.0
#include "harness/timeline/operation.hpp"

namespace faultline {

std::string_view name_of(Failure failure) {
    switch (failure) {
        case Failure::none:
            return "none";
        case Failure::refused:
            return "refused";
        case Failure::timeout:
            return "timeout";
        case Failure::connection:
            return "connection";
        case Failure::error_reply:
            return "error_reply";
        case Failure::unexpected:
            return "unexpected";
        case Failure::unsent:
            return "unsent";
    }
    return "";
}

}  // namespace faultline
