// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace ftcore {

/// What can be done about a diagnosis. The names are what the event `decided` says.
enum class Strategy : std::uint8_t {
    fail_over,       // the leader is lost: campaign for another
    await_leader,    // safe meanwhile: this node serves nothing without one
    await_return,    // masked: the others carry on without the peer
    await_majority,  // this node is cut off: a leader steps down by itself, nothing to do
    hand_over,       // lead no more while others are better off
    rotate_log,      // new segment for what was not synced, and hand the lead over
    make_room,       // refuse writes, hand over, try again until the disk takes writes
    resynchronise,   // drop what is damaged, fetch it from the leader
    shed,            // refuse a share of the load
    observe,         // note it; nothing that could be done would help
    restart_self,    // begin anew with an empty mind
    isolate_self     // the safe state
};

[[nodiscard]] std::string_view name_of(Strategy strategy);

}  // namespace ftcore
