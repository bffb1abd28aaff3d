// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "targets/core/monitor/signal.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// What has been seen of one peer, newest of each kind. All instants are real ones.
struct PeerFacts {
    NodeId id = nobody;
    bool witness = false;

    bool connected = false;
    std::optional<std::uint64_t> incarnation{};           // of its process
    std::optional<std::uint64_t> previous_incarnation{};  // of the one before it
    std::optional<Instant> last_beat{};
    std::optional<Instant> connected_at{};
    std::optional<Instant> connection_lost_at{};
    std::optional<Instant> refused_at{};
    std::optional<Instant> timed_out_at{};
    std::optional<Instant> probed_at{};
    std::optional<Instant> restarted_at{};  // a connection met another incarnation

    Duration beat_interval{};
    std::uint64_t beats = 0;
    std::uint64_t connections_lost = 0;
    Health health{};  // as of `last_beat`

    /// Whether it has ever been there: only then can it be lost.
    [[nodiscard]] bool known() const { return beats > 0 || incarnation.has_value(); }
    /// The latest sign that its process runs.
    [[nodiscard]] std::optional<Instant> last_sign() const;
};

void record(PeerFacts& peer, Instant now, const signal::Beat& beat);
void record(PeerFacts& peer, Instant now, const signal::Connected& connected);
void record(PeerFacts& peer, Instant now, const signal::ConnectionLost& lost);
void record(PeerFacts& peer, Instant now, const signal::ConnectRefused& refused);
void record(PeerFacts& peer, Instant now, const signal::ConnectTimedOut& timed_out);
void record(PeerFacts& peer, Instant now, const signal::Probed& probed);

}  // namespace ftcore
