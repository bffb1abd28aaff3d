// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/monitor.hpp"

#include <algorithm>
#include <type_traits>

namespace ftcore {

Monitor::Monitor(MonitorSettings settings, const std::vector<Member>& others)
    : operations_(settings.operation_span),
      storage_(settings.storage_span),
      lag_(settings.lag_span),
      own_time_(settings.own_time) {
    for (const Member& member : others)
        peers_.push_back({.id = member.id, .witness = member.witness});
}

void Monitor::record(Instant now, const Signal& signal) {
    std::visit(
        [&](const auto& body) {
            using Body = std::decay_t<decltype(body)>;
            if constexpr (std::is_same_v<Body, signal::Operation>) {
                operations_.record(now, body);
            } else if constexpr (std::is_same_v<Body, signal::Storage>) {
                storage_.record(now, body);
            } else if constexpr (std::is_same_v<Body, signal::LoopLag>) {
                acted(now, now - body.lag);
            } else if constexpr (std::is_same_v<Body, signal::Resources>) {
                resources_ = body;
            } else if constexpr (requires { body.peer; }) {
                if (PeerFacts* const peer = find(body.peer); peer != nullptr)
                    ftcore::record(*peer, now, body);
            }
        },
        signal);
}

void Monitor::acted(Instant now, Instant due) {
    if (now > due) lag_.record(now, now - due);
    gap_ += own_time_.acted(now, due);
}

const PeerFacts* Monitor::peer(NodeId id) const {
    const auto found = std::find_if(
        peers_.begin(), peers_.end(), [id](const auto& peer) { return peer.id == id; });
    return found == peers_.end() ? nullptr : &*found;
}

PeerFacts* Monitor::find(NodeId id) {
    const auto found = std::find_if(
        peers_.begin(), peers_.end(), [id](const auto& peer) { return peer.id == id; });
    return found == peers_.end() ? nullptr : &*found;
}

}  // namespace ftcore
