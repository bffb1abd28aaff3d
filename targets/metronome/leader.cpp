// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/leader.hpp"

#include <string>

#include "harness/base/resp.hpp"

namespace metronome {

using faultline::command_text;

void Leader::attach(Poller::Id client) {
    detach();
    follower_ = client;
    clients_.send(client, command_text({"SYNC"}));
    if (plan_.replication) {
        for (const auto& [key, value] : store_.values()) {
            clients_.send(client, command_text({"SET", key, value}));
        }
        // Whatever is answered from here on waits for the follower.
        state_.safe_writes = state_.writes;
    }
    clients_.send(client, command_text({"SYNCED", std::to_string(state_.writes)}));
    unacknowledged_for_ = {};
    beat();
}

void Leader::detach() {
    follower_ = 0;
    poller_.cancel(beat_timer_);
}

void Leader::replicate(const Words& words) {
    if (follower_ != 0 && plan_.replication) clients_.send(follower_, command_text(words));
}

void Leader::acknowledge(Poller::Id client, std::uint64_t writes) {
    if (!is_follower(client) || !plan_.replication || writes <= state_.safe_writes) return;
    state_.safe_writes = writes;
    clients_.release_replies();
}

void Leader::beat() {
    // Time is counted in beats, not by the clock: a leader that was frozen itself must not blame
    // the follower for it, before it has read that the follower took over long ago.
    const bool behind = state_.safe_writes < state_.writes;
    if (behind && state_.safe_writes == safe_at_last_beat_) {
        unacknowledged_for_ += plan_.heartbeat;
    } else {
        unacknowledged_for_ = {};
    }
    safe_at_last_beat_ = state_.safe_writes;
    if (unacknowledged_for_ >= plan_.acknowledge_within) {
        clients_.send(follower_, command_text({"DROP"}));
        clients_.close(follower_);
        return;
    }
    clients_.send(follower_, command_text({"BEAT", std::to_string(state_.acknowledged)}));
    beat_timer_ =
        poller_.call_at(faultline::now() + plan_.heartbeat, [this](faultline::Instant) { beat(); });
}

}  // namespace metronome
