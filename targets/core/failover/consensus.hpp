// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "targets/core/failover/message.hpp"

namespace ftcore {

enum class Role : std::uint8_t { follower, candidate, leader };

struct ConsensusSettings {
    NodeId self = nobody;
    std::vector<Member> members{};  // 1, 3 or 5, `self` among them
    Level level = Level::high;
    Duration heartbeat = std::chrono::milliseconds(10);
    /// Without a sign of life for this long (drawn between it and its double) a follower campaigns
    /// by itself. The detectors are quicker; this keeps the group alive if they are not.
    Duration election_timeout = std::chrono::milliseconds(300);
    /// Candidates wait up to this long before a quick candidacy, so that they rarely collide.
    Duration tie_break = std::chrono::milliseconds(1);
    /// How long an acknowledged round lets the leader answer reads alone.
    Duration lease = std::chrono::milliseconds(4);
    /// The most by which two clocks' speeds may differ: a promise is kept (1 + drift) times as
    /// long.
    double clock_drift = 0.05;
    std::size_t append_bytes_max = 1 << 20;  // entries in one message
    int appends_in_flight = 64;              // unanswered messages to one peer
    /// Unanswered entries to one peer, if there is more than one message: what lies on a
    /// connection that has come to a stop arrives late, and new heartbeats wait behind it.
    std::size_t bytes_in_flight_max = 8 << 20;
    /// After a snapshot so many of the entries it holds stay in memory at most, for peers that are
    /// a little behind.
    std::size_t entries_kept = 4096;
};

/// What was found on disk.
struct Recovered {
    HardState hard_state{};
    SnapshotMark snapshot{};
    std::vector<Entry> entries{};  // from snapshot.index + 1, without gaps
    /// After damage: entries up to here were once acknowledged and are gone. Until the log reaches
    /// this index again the node neither votes nor campaigns nor serves.
    Index must_reach = 0;
};

/// One step of work for the disk. Steps are carried out in order; `Consensus::stored` answers.
struct StorageWork {
    std::uint64_t sequence = 0;             // from 1, without gaps
    std::optional<HardState> hard_state{};  // always synced before it counts
    std::optional<Index> truncate_from{};   // first, forget the entries from here on
    std::vector<Entry> append{};            // then these, consecutive
    /// A piece of a received snapshot; after the last one the log begins behind mark.index. It
    /// takes the place of what is there, also of a newer snapshot: below level high a loss of power
    /// can take agreed entries from a quorum, and who still has them must forget them. Index 0 and
    /// no data: nothing is left at all.
    std::optional<SnapshotChunk> snapshot{};
};

/// How far the disk has come: all steps up to `written` have been handed to the kernel (they
/// survive the process), all up to `synced` are on disk (they survive a power loss).
struct Stored {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
};

/// What became of something that was asked for by token.
struct Answer {
    enum class Kind : std::uint8_t {
        accepted,  // a proposal has its index; it counts when `apply_to` reaches it, or is
                   // `dropped`
        dropped,   // it was not done and never will be by this leader: unknown to the client if it
                   // had an index (another leader may have it), surely not done if it had none
        not_leader,  // refused: surely not done
        readable     // a read may be answered from the state up to `index`
    };
    std::uint64_t token = 0;
    Kind kind = Kind::dropped;
    Index index = 0;
    Term term = 0;
};

struct Proposal {
    std::uint64_t token = 0;
    std::string data{};
};

/// A piece of the newest snapshot is needed for a peer; answer with `snapshot_piece`.
struct SnapshotWanted {
    NodeId to = nobody;
    std::uint64_t offset = 0;
};

/// What the outside has to do after one or more inputs, in the order of the members.
struct Effects {
    std::vector<StorageWork> storage{};
    std::vector<Message> messages{};
    /// Before `apply_to`: one input may drop a proposal and bring another leader's entry at its
    /// index.
    std::vector<Answer> answers{};
    /// The state machine was ahead of what is agreed (level low) or a snapshot came: load the
    /// snapshot of `Consensus::snapshot` (index 0: an empty state), then apply again from behind
    /// it.
    bool rebuild = false;
    /// Apply entries up to here; they are in `Consensus::entry`. Never falls, except with
    /// `rebuild`.
    std::optional<Index> apply_to{};
    std::vector<SnapshotWanted> snapshots_wanted{};
    bool role_changed = false;  // role, term or leader; see the accessors
    bool serving_changed = false;

    [[nodiscard]] bool empty() const;
};

/// What a detector says about the leader.
enum class Suspicion : std::uint8_t { suspected, confirmed };

/// Agreement among the members on one sequence of entries: Raft with pre-vote, quick candidacy when
/// the leader's death is confirmed, fencing by term, leases for reads and hand-over. No clock, no
/// I/O: inputs and `now` in, `Effects` out.
///
///   receive, propose, read, suspect, stored, tick ──► election │ replication │ lease │ snapshot
///                                                          └────────┬────────────┘
///                                    storage, messages, apply_to, answers ◄── take_effects
///
/// Thread: one owner. Requires: `now` never goes back.
/// Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014); sections are named where the
/// code follows them.
class Consensus {
  public:
    /// Requires: settings passed `check`.
    Consensus(ConsensusSettings settings, Recovered recovered, Random random, Instant now);
    ~Consensus();
    Consensus(Consensus&&) noexcept;
    Consensus& operator=(Consensus&&) noexcept;

    /// Errors: an impossible member list or impossible times, with the remedy.
    [[nodiscard]] static Result<> check(const ConsensusSettings& settings);

    // ---- inputs
    void tick(Instant now);  // at or after `deadline`
    void receive(Instant now, Message message);
    void stored(Instant now, Stored progress);
    void propose(Instant now, std::vector<Proposal> proposals);
    /// A linearisable read: answered `readable` when the state may be looked at, at once while the
    /// lease holds, otherwise after one round.
    void read(Instant now, std::uint64_t token);
    /// A detector has lost the leader. Ignored unless `leader` is still who is followed.
    void suspect(Instant now, NodeId leader, Suspicion suspicion);
    /// A connection to `peer` was made anew: what was in flight is lost.
    void reconnected(Instant now, NodeId peer);
    /// Leader: stop taking proposals, bring a successor up to date (`to`, or whoever has most),
    /// tell it to campaign. Answers to what was accepted still come. If nobody has taken over
    /// within `patience` it goes on leading (section 3.10). Followers ignore it.
    void hand_over(Instant now, Duration patience, NodeId to = nobody);
    /// Leader: gives a hand-over up. A successor that was told already may win all the same.
    void keep_lead(Instant now);
    /// The disk has failed: acknowledge nothing, vote for nobody, and lead no more.
    void storage_failed(Instant now);
    /// The disk holds again everything up to `progress` and all that was in memory before the
    /// failure.
    void storage_repaired(Instant now, Stored progress);
    /// The state machine has written a snapshot; the log before it may go. Requires: all of it is
    /// agreed (mark.index <= commit()); at level low that is less than what was applied.
    void snapshot_taken(Instant now, SnapshotMark mark);
    /// A piece of the newest snapshot for `SnapshotWanted`; `data` empty and `last` false: not
    /// there.
    void snapshot_piece(Instant now, NodeId to, SnapshotChunk chunk);
    /// The state machine holds everything up to here, after `apply_to` or `rebuild`.
    void applied(Instant now, Index index);

    // ---- outputs
    [[nodiscard]] Effects take_effects();
    /// When `tick` is wanted next; Instant::max() when never (a leader alone).
    [[nodiscard]] Instant deadline() const;

    // ---- what it is
    [[nodiscard]] Role role() const;
    [[nodiscard]] Term term() const;
    [[nodiscard]] NodeId leader() const;  // whom it follows, itself when it leads, or nobody
    /// It leads, has an entry of its term agreed, and no older promise runs: reads and writes may
    /// be answered.
    [[nodiscard]] bool serving() const;
    [[nodiscard]] bool handing_over() const;
    [[nodiscard]] Index commit() const;
    [[nodiscard]] Index last_index() const;
    [[nodiscard]] SnapshotMark snapshot() const;  // the log begins behind it
    /// Requires: snapshot().index < index <= last_index().
    [[nodiscard]] const Entry& entry(Index index) const;
    /// Until when reads need no round. Leader only.
    [[nodiscard]] std::optional<Instant> lease_until() const;
    /// Leader: a peer's agreed position, and when it last answered.
    struct PeerProgress {
        NodeId id = nobody;
        Index match = 0;
        std::optional<Instant> answered{};
    };
    [[nodiscard]] std::vector<PeerProgress> progress() const;

    /// For invariants and tests only.
    struct State;
    [[nodiscard]] const State& state() const { return *state_; }

  private:
    std::unique_ptr<State> state_;
};

}  // namespace ftcore
