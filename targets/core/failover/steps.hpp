// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/failover/membership.hpp"
#include "targets/core/failover/state.hpp"

/// The steps of agreement over one shared state, by the file that has them. Every input is: note
/// the time (`consensus.cpp`), take one or more steps, then `settle`.
namespace ftcore::steps {

using State = Consensus::State;

// ---- settle.cpp: what frames every input
void begin(State& state, Instant now);
/// What has become possible is done and told.
void settle(State& state);

// ---- membership.cpp: who may do what
[[nodiscard]] bool may_vote(const State& state);
[[nodiscard]] bool may_campaign(const State& state);

// ---- durability.cpp: what goes to disk, and what may be said when it is there
void persist_hard_state(State& state);
/// Hands entries that are in the log already to the disk.
void persist_entries(State& state, std::optional<Index> truncate_from, std::vector<Entry> entries);
[[nodiscard]] bool hard_state_synced(const State& state);
void note_progress(State& state, Stored progress);
/// Sends what was held back and is true by now.
void release_held(State& state);

// ---- election.cpp: candidates
/// The leader's last sign of life is young, and no detector of ours doubts it.
[[nodiscard]] bool hears_leader(const State& state);
/// This attempt was refused: another one after a short pause that grows with each refusal.
void retry_soon(State& state);
/// Lets somebody else go first; our own question, if we asked one, is withdrawn.
void stand_back(State& state);
/// Leaves candidacies alone and waits a full election timeout for a leader.
void await_leader(State& state);
void suspect(State& state, NodeId leader, Suspicion suspicion);
/// The time to campaign has come.
void campaign_due(State& state);
/// Without asking first: after a hand-over.
void campaign_at_once(State& state);
/// Our own vote is on disk: ask for the others.
void request_votes(State& state);
/// Once more to a peer that may have missed it.
void repeat_vote_request(State& state, const Peer& peer);
/// A higher term has shown up: whatever we were, we follow it.
void adopt_term(State& state, Term term);
void on_vote_reply(State& state, const Message& message, const VoteReply& reply);
/// A valid message of the leader of our term has come.
void hear_leader(State& state, NodeId leader);

// ---- voting.cpp: voters
void on_vote_request(State& state, const Message& message, const VoteRequest& request);
/// When a claim that our leader is gone is believed, unless something is heard before;
/// Instant::max() without one.
[[nodiscard]] Instant claim_due(const State& state);
/// Believes it, if there is one: our own detectors say the same, or the leader has not spoken
/// since.
void settle_claim(State& state);
/// The leader has spoken: whoever said that it is gone is told no.
void refute_claim(State& state);

// ---- replication.cpp: the leader's side of the log
void become_leader(State& state);
/// Leads no more, in the same term. What was accepted is dropped.
void step_down(State& state);
void propose(State& state, std::vector<Proposal> proposals);
void broadcast_heartbeats(State& state);
/// Sends every peer what it lacks, as far as the window allows.
void replicate(State& state);
/// Finds out where the peer's log agrees with ours, beginning at `next`.
void probe(State& state, Peer& peer, Index next);
/// What was on its way to the peer is lost.
void restart_sending(State& state, Peer& peer);
void on_append_reply(State& state, const Message& message, const AppendReply& reply);
void advance_commit(State& state);

// ---- following.cpp: the follower's side of the log
void on_append_request(State& state, const Message& message, AppendRequest request);
/// Entries that were applied are no longer agreed: begin again from the snapshot.
void rebuild(State& state);

// ---- snapshot.cpp
void stream_snapshot(State& state, Peer& peer);
/// Once more, when nothing has come for `silence`.
void resume_stream(State& state, Peer& peer, Duration silence);
void on_snapshot_piece(State& state, NodeId to, SnapshotChunk chunk);
void on_snapshot_chunk(State& state, const Message& message, SnapshotChunk chunk);
void on_snapshot_reply(State& state, const Message& message, const SnapshotReply& reply);
/// The disk has moved: pieces may be durable, or the whole.
void settle_incoming(State& state);
/// Below level high: what a snapshot of ours holds was lost by a quorum. Begin again with nothing.
void forget_everything(State& state);
void snapshot_taken(State& state, SnapshotMark mark);

// ---- lease.cpp: rounds, leases, promises, reads
/// The number of a request that is sent now.
[[nodiscard]] std::uint64_t begin_round(State& state);
void note_answer(State& state, Peer& peer, std::uint64_t round);
[[nodiscard]] Duration promise(const State& state);
[[nodiscard]] bool serves(const State& state);
/// How far the state machine may go.
[[nodiscard]] Index visible(const State& state);
[[nodiscard]] std::optional<Instant> lease_until(const State& state);
/// When the last quorum's silence becomes too long. Leader only.
[[nodiscard]] Instant quorum_deadline(const State& state);
void read(State& state, std::uint64_t token);
void answer_reads(State& state);

// ---- hand_over.cpp
void hand_over(State& state, Duration patience, NodeId wanted);
void keep_lead(State& state);
void advance_hand_over(State& state);
void repeat_hand_over(State& state);
void on_hand_over(State& state, const Message& message);
/// The best successor that has answered lately (`wanted`, if it is not nobody), or nullptr.
[[nodiscard]] const Peer* successor(const State& state, NodeId wanted);

}  // namespace ftcore::steps
