// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/standby.hpp"

namespace ftcore {

std::string_view name_of(StandbyMode mode) {
    switch (mode) {
        case StandbyMode::hot:
            return "hot";
        case StandbyMode::warm:
            return "warm";
        case StandbyMode::cold:
            return "cold";
    }
    return "cold";
}

StandbyMode standby_mode(const StandbyView& view) {
    if (!view.peer_in_reach) return StandbyMode::cold;
    return view.catching_up ? StandbyMode::warm : StandbyMode::hot;
}

Duration patience_of(StandbyMode mode) {
    switch (mode) {
        case StandbyMode::hot:
            return std::chrono::seconds(1);
        case StandbyMode::warm:
            return std::chrono::seconds(10);
        case StandbyMode::cold:
            return std::chrono::seconds(60);
    }
    return std::chrono::seconds(60);
}

}  // namespace ftcore
