// SPDX-License-Identifier: Apache-2.0
// The leader's side of the log (Ongaro 2014, sections 3.5, 3.6.2, 6.4 and 10.2). Entries go to the
// peers while the own disk still writes them, and further requests while earlier ones are
// unanswered.
#include <algorithm>
#include <utility>

#include "targets/core/failover/mutation.hpp"
#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

/// What an entry weighs in a message beside its data.
constexpr std::size_t entry_overhead = 32;

void append_own(State& state, std::vector<Entry> entries) {
    for (const Entry& entry : entries)
        state.log.append(entry);
    persist_entries(state, std::nullopt, std::move(entries));
}

/// A witness keeps places and terms only.
std::vector<Entry> entries_for(const State& state, const Peer& peer, Index last) {
    if (!peer.witness) return state.log.copy(peer.next, last);
    std::vector<Entry> bare;
    bare.reserve(last - peer.next + 1);
    for (Index index = peer.next; index <= last; ++index) {
        const Entry& entry = state.log.at(index);
        bare.push_back({.index = index, .term = entry.term, .kind = entry.kind});
    }
    return bare;
}

struct Extent {
    Index last = 0;
    std::size_t bytes = 0;
};

/// The entries that still fit into a message that begins at `next`; at least one does.
Extent next_message(const State& state, const Peer& peer) {
    Extent extent;
    for (Index index = peer.next; index <= state.log.last_index(); ++index) {
        const std::size_t weight =
            entry_overhead + (peer.witness ? 0 : state.log.at(index).data.size());
        const bool fits = extent.bytes + weight <= state.settings.append_bytes_max;
        if (!fits && index > peer.next) break;
        extent = {.last = index, .bytes = extent.bytes + weight};
        if (!fits) break;
    }
    return extent;
}

bool window_open(const State& state, const Peer& peer) {
    if (peer.in_flight.count() == 0) return true;
    return peer.in_flight.count() < static_cast<std::size_t>(state.settings.appends_in_flight) &&
           peer.in_flight.bytes() < state.settings.bytes_in_flight_max;
}

void send_append(State& state, Peer& peer, Index previous, std::vector<Entry> entries) {
    peer.commit_sent = state.commit;
    state.send(peer.id,
               AppendRequest{.previous_index = previous,
                             .previous_term = state.log.term_at(previous).value_or(0),
                             .commit = state.commit,
                             .round = begin_round(state),
                             .entries = std::move(entries)});
}

bool in_log(const State& state, const Peer& peer) {
    return peer.next > state.log.behind().index;
}

/// Empty, so that it is answered without waiting for the disk. In `probe` and `replicate` it stands
/// behind everything sent so far: a request that got lost is found out by the refusal of this one.
void send_heartbeat(State& state, Peer& peer) {
    if (peer.mode == Peer::Mode::snapshot) return send_append(state, peer, 0, {});
    if (!in_log(state, peer)) return stream_snapshot(state, peer);
    send_append(state, peer, peer.next - 1, {});
}

void replicate_to(State& state, Peer& peer) {
    if (peer.mode != Peer::Mode::replicate) return;
    while (peer.next <= state.log.last_index() && window_open(state, peer)) {
        if (!in_log(state, peer)) return stream_snapshot(state, peer);
        const Extent extent = next_message(state, peer);
        send_append(state, peer, peer.next - 1, entries_for(state, peer, extent.last));
        peer.in_flight.sent(extent.last, extent.bytes);
        peer.next = extent.last + 1;
    }
}

void note_match(State& state, Peer& peer, Index match) {
    // More than we have: it speaks of entries that a loss of power took from us below level high.
    peer.match = std::max(peer.match, std::min(match, state.log.last_index()));
    peer.next = std::max(peer.next, peer.match + 1);
    peer.in_flight.answered(peer.match);
}

/// Section 3.5: back over all of the conflicting term at once.
Index next_after(const State& state, const Peer& peer, const AppendReply& reply) {
    Index next = reply.conflict_index;
    if (reply.conflict_term != 0) {
        const SnapshotMark ours = state.log.last_not_newer(reply.conflict_term);
        if (ours.term == reply.conflict_term) next = ours.index + 1;
    }
    return std::clamp<Index>(next, 1, std::max<Index>(peer.next - 1, 1));
}

}  // namespace

void become_leader(State& state) {
    state.role = Role::leader;
    state.leader = state.settings.self;
    Leading& leading = state.leading;
    leading.since = state.now;
    leading.first = state.log.last_index() + 1;
    leading.serve_from = state.election.serve_from;
    leading.heartbeat_at = state.now + state.settings.heartbeat;
    leading.handing_over.reset();
    await_leader(state);
    state.election.suspected = false;
    state.election.leader_gone = false;
    state.following.incoming.reset();
    for (Peer& peer : state.peers) {
        // Most likely it has what we have; if not, its refusal says so.
        peer.mode = Peer::Mode::replicate;
        peer.next = leading.first;
        peer.match = 0;
        peer.commit_sent = 0;
        peer.floor = leading.round + 1;
        peer.in_flight.clear();
        peer.answered.reset();
        peer.answered_round = leading.round;
        peer.answered_sent = Instant::min();
    }
    // Section 6.4: only an entry of its own term tells a leader what is agreed.
    append_own(state, {Entry{.index = leading.first, .term = state.hard.term}});
}

void step_down(State& state) {
    Leading& leading = state.leading;
    if (!mutated(Mutation::resume_old_leaders_queue)) {
        for (const auto& accepted : leading.accepted) {
            state.answer(Answer::Kind::dropped, accepted.token, accepted.index);
        }
    }
    for (const auto& read : leading.reads)
        state.answer(Answer::Kind::not_leader, read.token);
    leading.accepted.clear();
    leading.reads.clear();
    leading.handing_over.reset();
    state.role = Role::follower;
    state.leader = nobody;
    await_leader(state);
    // Level low lets the leader apply what only it has.
    if (state.told.apply_to > state.commit) rebuild(state);
}

void propose(State& state, std::vector<Proposal> proposals) {
    const bool refused = !state.leads() || state.leading.handing_over.has_value();
    std::vector<Entry> entries;
    entries.reserve(proposals.size());
    for (Proposal& proposal : proposals) {
        if (refused) {
            state.answer(Answer::Kind::not_leader, proposal.token);
            continue;
        }
        const Index index = state.log.last_index() + entries.size() + 1;
        entries.push_back({.index = index,
                           .term = state.hard.term,
                           .kind = EntryKind::command,
                           .data = std::move(proposal.data)});
        state.leading.accepted.push_back({.token = proposal.token, .index = index});
        state.answer(Answer::Kind::accepted, proposal.token, index);
    }
    if (!entries.empty()) append_own(state, std::move(entries));
}

void broadcast_heartbeats(State& state) {
    Leading& leading = state.leading;
    leading.heartbeat_at = state.now + state.settings.heartbeat;
    leading.broadcast = leading.round + 1;
    leading.broadcast_here = true;
    for (Peer& peer : state.peers) {
        send_heartbeat(state, peer);
        if (peer.mode == Peer::Mode::snapshot) {
            resume_stream(state, peer, state.settings.election_timeout);
        }
    }
}

void replicate(State& state) {
    for (Peer& peer : state.peers)
        replicate_to(state, peer);
}

void probe(State& state, Peer& peer, Index next) {
    peer.mode = Peer::Mode::probe;
    peer.next = next;
    peer.floor = state.leading.round + 1;
    peer.in_flight.clear();
    send_heartbeat(state, peer);
}

void restart_sending(State& state, Peer& peer) {
    if (peer.mode == Peer::Mode::snapshot) return resume_stream(state, peer, {});
    // Before its first answer the best guess is where our own term begins.
    const Index known = peer.match > 0 ? peer.match + 1 : state.leading.first;
    probe(state, peer, std::min(known, peer.next));
}

void on_append_reply(State& state, const Message& message, const AppendReply& reply) {
    if (!state.leads()) return;
    Peer* peer = state.find(message.from);
    if (peer == nullptr) return;
    note_answer(state, *peer, reply.round);
    const bool timely = reply.round >= peer->floor;
    if (reply.accepted) {
        note_match(state, *peer, reply.match);
        if (peer->mode == Peer::Mode::probe && timely) peer->mode = Peer::Mode::replicate;
        if (peer->mode == Peer::Mode::snapshot && peer->match > state.log.behind().index) {
            probe(state, *peer, peer->match + 1);
        }
        return;
    }
    if (!timely || peer->mode == Peer::Mode::snapshot) return;
    const Index next = next_after(state, *peer, reply);
    // A peer may have lost what it had, to damage or with the power.
    peer->match = std::min(peer->match, next - 1);
    probe(state, *peer, next);
}

void advance_commit(State& state) {
    if (!state.leads()) return;
    const Index reached =
        reached_by_quorum(state, state.disk.durable, [](const Peer& peer) { return peer.match; });
    if (reached <= state.commit) return;
    // Section 3.6.2: an entry of an older term may still be replaced although a quorum has it.
    const bool own = state.log.term_at(reached) == state.hard.term;
    if (own || mutated(Mutation::commit_old_term_by_counting)) state.commit = reached;
}

}  // namespace ftcore::steps
