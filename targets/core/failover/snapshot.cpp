// SPDX-License-Identifier: Apache-2.0
// Snapshots from the leader to a follower that is behind the log, piece after piece (Ongaro 2014,
// chapter 5, figure 5.3), and what the log may forget.
#include <algorithm>
#include <utility>

#include "targets/core/failover/mutation.hpp"
#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

/// Entries kept behind a snapshot weigh no more than this together.
constexpr std::size_t bytes_kept = 16 << 20;

void ask_for_piece(State& state, Peer& peer) {
    peer.stream_asked = state.now;
    if (!peer.witness) {
        state.effects.snapshots_wanted.push_back({.to = peer.id, .offset = peer.stream_offset});
        return;
    }
    // A witness has no data, so the mark is the whole snapshot.
    peer.stream = state.snapshot;
    state.send(peer.id,
               SnapshotChunk{.mark = peer.stream, .last = true, .round = begin_round(state)});
}

void reply_stored(State& state, const SnapshotReply& reply) {
    if (state.leader != nobody && !state.leads()) state.send(state.leader, reply);
}

/// The snapshot is on disk in whole: it takes the log's place.
void install(State& state, SnapshotMark mark) {
    SnapshotMark behind = mark;
    if (mutated(Mutation::reuse_snapshot_index) && mark.index > 0) --behind.index;
    state.log.reset(behind);
    state.snapshot = mark;
    state.commit = behind.index;
    state.disk.durable = behind.index;
    state.disk.unstored.clear();
    state.disk.acknowledgements.clear();
    state.following.verified = behind.index;
    rebuild(state);
}

/// Whether all that the leader's snapshot holds is agreed here as well.
bool has(State& state, SnapshotMark mark) {
    const auto term = state.log.term_at(mark.index);
    if (term == mark.term) return true;
    const bool older = mark.index <= state.commit;
    const bool contradiction = older && (term || mark.term > state.log.behind().term);
    if (contradiction && state.settings.level == Level::high) {
        state.violated("the leader's snapshot contradicts what was agreed");
    }
    return older && !contradiction;
}

void store_piece(State& state, Following::Incoming& incoming, SnapshotChunk chunk) {
    incoming.offset += chunk.data.size();
    incoming.complete = chunk.last;
    incoming.pending = true;
    incoming.sequence = ++state.disk.issued;
    StorageWork work{.sequence = incoming.sequence};
    // Without the mark's entry, nothing of ours behind it can be what the leader has.
    const bool tail = state.log.last_index() > chunk.mark.index;
    if (chunk.last && tail) work.truncate_from = chunk.mark.index + 1;
    work.snapshot = std::move(chunk);
    state.effects.storage.push_back(std::move(work));
}

/// How far back the log must go for the peers' sake.
Index still_needed(const State& state, Index upto) {
    Index needed = upto;
    for (const Peer& peer : state.peers) {
        // Whoever does not lead cannot know; it may lead next.
        needed = std::min(needed, state.leads() ? peer.match : 0);
    }
    std::size_t bytes = 0;
    std::size_t count = 0;
    Index index = upto;
    while (index > needed && state.log.holds(index)) {
        bytes += state.log.at(index).data.size();
        if (++count > state.settings.entries_kept || bytes > bytes_kept) break;
        --index;
    }
    return index;
}

}  // namespace

void stream_snapshot(State& state, Peer& peer) {
    if (peer.mode == Peer::Mode::snapshot) return;
    peer.mode = Peer::Mode::snapshot;
    peer.in_flight.clear();
    peer.stream = {};
    peer.stream_offset = 0;
    ask_for_piece(state, peer);
}

void resume_stream(State& state, Peer& peer, Duration silence) {
    if (state.now >= peer.stream_asked + silence) ask_for_piece(state, peer);
}

void on_snapshot_piece(State& state, NodeId to, SnapshotChunk chunk) {
    Peer* peer = state.leads() ? state.find(to) : nullptr;
    if (peer == nullptr || peer->mode != Peer::Mode::snapshot) return;
    if (chunk.data.empty() && !chunk.last) return;  // asked again when nothing comes for a while
    if (chunk.mark != peer->stream) {
        // A newer snapshot has replaced the one that was being read.
        if (chunk.offset != 0) {
            peer->stream_offset = 0;
            return ask_for_piece(state, *peer);
        }
        peer->stream = chunk.mark;
        peer->stream_offset = 0;
    }
    if (chunk.offset != peer->stream_offset) return;
    peer->stream_asked = state.now;
    chunk.round = begin_round(state);
    state.send(to, std::move(chunk));
}

void on_snapshot_reply(State& state, const Message& message, const SnapshotReply& reply) {
    Peer* peer = state.leads() ? state.find(message.from) : nullptr;
    if (peer == nullptr) return;
    note_answer(state, *peer, reply.round);
    if (peer->mode != Peer::Mode::snapshot || reply.mark != peer->stream) return;
    if (reply.done) {
        return probe(state, *peer, std::min(reply.mark.index, state.log.last_index()) + 1);
    }
    peer->stream_offset = reply.next_offset;
    ask_for_piece(state, *peer);
}

void on_snapshot_chunk(State& state, const Message& message, SnapshotChunk chunk) {
    if (message.term < state.hard.term) {
        state.send(message.from, SnapshotReply{.mark = chunk.mark, .round = chunk.round});
        return;
    }
    if (state.leads()) return state.violated("another member leads our term");
    hear_leader(state, message.from);
    auto& incoming = state.following.incoming;
    if (state.disk.failed || (incoming && incoming->complete)) return;
    SnapshotReply reply{.mark = chunk.mark, .round = chunk.round};
    if (has(state, chunk.mark)) {
        state.commit = std::max(state.commit, chunk.mark.index);
        state.following.verified = std::max(state.following.verified, chunk.mark.index);
        incoming.reset();
        reply.done = true;
        return reply_stored(state, reply);
    }
    if (!incoming || incoming->mark != chunk.mark || incoming->term != message.term) {
        if (chunk.offset != 0) return reply_stored(state, reply);
        incoming = Following::Incoming{.mark = chunk.mark, .term = message.term};
    }
    incoming->round = std::max(incoming->round, chunk.round);
    if (chunk.offset == incoming->offset) return store_piece(state, *incoming, std::move(chunk));
    reply.next_offset = incoming->offset;
    if (!incoming->pending) reply_stored(state, reply);
}

void settle_incoming(State& state) {
    auto& incoming = state.following.incoming;
    if (!incoming || !incoming->pending) return;
    if (incoming->sequence > state.disk.progress.synced) return;
    incoming->pending = false;
    const SnapshotReply reply{.mark = incoming->mark,
                              .next_offset = incoming->offset,
                              .done = incoming->complete,
                              .round = incoming->round};
    const bool current = incoming->term == state.hard.term;
    if (incoming->complete) {
        install(state, incoming->mark);
        incoming.reset();
    }
    if (current) reply_stored(state, reply);
}

void forget_everything(State& state) {
    // An empty snapshot from nobody, of the moment before the first entry.
    auto& incoming = state.following.incoming;
    incoming = Following::Incoming{.term = state.hard.term};
    store_piece(state, *incoming, {.last = true});
}

void snapshot_taken(State& state, SnapshotMark mark) {
    const bool newer = mark.index > state.snapshot.index && mark.index <= state.commit;
    if (!newer || state.log.term_at(mark.index) != mark.term) return;
    state.snapshot = mark;
    state.log.forget_to(still_needed(state, mark.index));
}

}  // namespace ftcore::steps
