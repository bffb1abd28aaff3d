// SPDX-License-Identifier: Apache-2.0
#include "targets/core/failover/consensus.hpp"

#include <algorithm>
#include <utility>

#include "targets/core/failover/steps.hpp"

namespace ftcore {
namespace {

using State = Consensus::State;

/// A vote request does not make its receiver follow (section 4.2.3), nor does the answer to one;
/// all else is said by or to a leader of that term (section 3.3).
bool speaks_for_its_term(const MessageBody& body) {
    return !std::holds_alternative<VoteRequest>(body) && !std::holds_alternative<VoteReply>(body);
}

struct Dispatch {
    State& state;
    Message& message;

    [[nodiscard]] bool current() const { return message.term == state.hard.term; }

    void operator()(VoteRequest& body) { steps::on_vote_request(state, message, body); }
    void operator()(VoteReply& body) { steps::on_vote_reply(state, message, body); }
    void operator()(AppendRequest& body) {
        steps::on_append_request(state, message, std::move(body));
    }
    void operator()(AppendReply& body) {
        if (current()) steps::on_append_reply(state, message, body);
    }
    void operator()(SnapshotChunk& body) {
        steps::on_snapshot_chunk(state, message, std::move(body));
    }
    void operator()(SnapshotReply& body) {
        if (current()) steps::on_snapshot_reply(state, message, body);
    }
    void operator()(HandOver&) { steps::on_hand_over(state, message); }
};

}  // namespace

bool Effects::empty() const {
    return storage.empty() && messages.empty() && answers.empty() && !rebuild && !apply_to &&
           snapshots_wanted.empty() && !role_changed && !serving_changed;
}

Consensus::Consensus(ConsensusSettings settings, Recovered recovered, Random random, Instant now)
    : state_(std::make_unique<State>(std::move(settings), std::move(recovered), random, now)) {}
Consensus::~Consensus() = default;
Consensus::Consensus(Consensus&&) noexcept = default;
Consensus& Consensus::operator=(Consensus&&) noexcept = default;

void Consensus::tick(Instant now) {
    State& state = *state_;
    steps::begin(state, now);
    if (!state.leads()) {
        if (state.now >= steps::claim_due(state)) steps::settle_claim(state);
        if (state.now >= state.election.campaign_at) steps::campaign_due(state);
    } else if (state.leading.handing_over && state.now >= state.leading.handing_over->until) {
        steps::keep_lead(state);
    } else if (state.now >= state.leading.heartbeat_at) {
        steps::broadcast_heartbeats(state);
        steps::repeat_hand_over(state);
    }
    steps::settle(state);
}

void Consensus::receive(Instant now, Message message) {
    State& state = *state_;
    steps::begin(state, now);
    const bool ours = message.to == state.settings.self && state.find(message.from) != nullptr;
    if (ours) {
        if (speaks_for_its_term(message.body) && message.term > state.hard.term) {
            steps::adopt_term(state, message.term);
        }
        std::visit(Dispatch{state, message}, message.body);
    }
    steps::settle(state);
}

void Consensus::stored(Instant now, Stored progress) {
    steps::begin(*state_, now);
    steps::note_progress(*state_, progress);
    steps::settle(*state_);
}

void Consensus::propose(Instant now, std::vector<Proposal> proposals) {
    steps::begin(*state_, now);
    steps::propose(*state_, std::move(proposals));
    steps::settle(*state_);
}

void Consensus::read(Instant now, std::uint64_t token) {
    steps::begin(*state_, now);
    steps::read(*state_, token);
    steps::settle(*state_);
}

void Consensus::suspect(Instant now, NodeId leader, Suspicion suspicion) {
    steps::begin(*state_, now);
    steps::suspect(*state_, leader, suspicion);
    steps::settle(*state_);
}

void Consensus::reconnected(Instant now, NodeId id) {
    State& state = *state_;
    steps::begin(state, now);
    Peer* peer = state.find(id);
    if (peer != nullptr && state.leads()) {
        steps::restart_sending(state, *peer);
    } else if (peer != nullptr) {
        steps::repeat_vote_request(state, *peer);
    }
    steps::settle(state);
}

void Consensus::hand_over(Instant now, Duration patience, NodeId to) {
    steps::begin(*state_, now);
    steps::hand_over(*state_, patience, to);
    steps::settle(*state_);
}

void Consensus::keep_lead(Instant now) {
    steps::begin(*state_, now);
    steps::keep_lead(*state_);
    steps::settle(*state_);
}

void Consensus::storage_failed(Instant now) {
    State& state = *state_;
    steps::begin(state, now);
    state.disk.failed = true;
    if (state.leads()) {
        const Peer* next = steps::successor(state, nobody);
        if (next != nullptr) state.send(next->id, HandOver{});
        steps::step_down(state);
    } else if (state.role == Role::candidate) {
        state.role = Role::follower;
        steps::await_leader(state);
    }
    steps::settle(state);
}

void Consensus::storage_repaired(Instant now, Stored progress) {
    steps::begin(*state_, now);
    state_->disk.failed = false;
    steps::note_progress(*state_, progress);
    steps::settle(*state_);
}

void Consensus::snapshot_taken(Instant now, SnapshotMark mark) {
    steps::begin(*state_, now);
    steps::snapshot_taken(*state_, mark);
    steps::settle(*state_);
}

void Consensus::snapshot_piece(Instant now, NodeId to, SnapshotChunk chunk) {
    steps::begin(*state_, now);
    steps::on_snapshot_piece(*state_, to, std::move(chunk));
    steps::settle(*state_);
}

void Consensus::applied(Instant now, Index index) {
    steps::begin(*state_, now);
    state_->told.applied = std::min(index, state_->told.apply_to);
    steps::settle(*state_);
}

Effects Consensus::take_effects() {
    state_->leading.broadcast_here = false;
    return std::exchange(state_->effects, {});
}

Instant Consensus::deadline() const {
    const State& state = *state_;
    if (!state.leads()) return std::min(state.election.campaign_at, steps::claim_due(state));
    const Leading& leading = state.leading;
    Instant next = Instant::max();
    if (!state.peers.empty()) {
        next = std::min(leading.heartbeat_at, steps::quorum_deadline(state));
    }
    if (state.now < leading.serve_from) next = std::min(next, leading.serve_from);
    if (leading.handing_over) next = std::min(next, leading.handing_over->until);
    return next;
}

Role Consensus::role() const {
    return state_->role;
}
Term Consensus::term() const {
    return state_->hard.term;
}
NodeId Consensus::leader() const {
    return state_->leader;
}
bool Consensus::serving() const {
    return state_->told.serving;
}
bool Consensus::handing_over() const {
    return state_->leads() && state_->leading.handing_over.has_value();
}
Index Consensus::commit() const {
    return state_->commit;
}
Index Consensus::last_index() const {
    return state_->log.last_index();
}
SnapshotMark Consensus::snapshot() const {
    return state_->snapshot;
}
const Entry& Consensus::entry(Index index) const {
    return state_->log.at(index);
}
std::optional<Instant> Consensus::lease_until() const {
    return steps::lease_until(*state_);
}

std::vector<Consensus::PeerProgress> Consensus::progress() const {
    std::vector<PeerProgress> all;
    for (const Peer& peer : state_->peers) {
        all.push_back({.id = peer.id, .match = peer.match, .answered = peer.answered});
    }
    return all;
}

}  // namespace ftcore
