// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <functional>

#include "targets/core/failover/state.hpp"

namespace ftcore {

constexpr std::size_t members_max = 5;

/// How many of `members` decide: any two such groups have somebody in common.
[[nodiscard]] constexpr std::size_t quorum_of(std::size_t members) {
    return members / 2 + 1;
}
[[nodiscard]] inline std::size_t quorum(const Consensus::State& state) {
    return quorum_of(state.peers.size() + 1);
}

/// The greatest value that a quorum has reached, when we have reached `own` and every peer what
/// `of_peer` says.
template <class Value, class OfPeer>
[[nodiscard]] Value reached_by_quorum(const Consensus::State& state, Value own, OfPeer of_peer) {
    std::array<Value, members_max> values{};
    std::size_t count = 0;
    values[count++] = own;
    for (const Peer& peer : state.peers)
        values[count++] = of_peer(peer);
    const auto begin = values.begin();
    std::sort(begin, begin + static_cast<std::ptrdiff_t>(count), std::greater<>());
    return values[quorum(state) - 1];
}

}  // namespace ftcore
