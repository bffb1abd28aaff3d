// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "targets/core/failover/consensus.hpp"
#include "targets/core/failover/log.hpp"

namespace ftcore {

/// Messages with entries that a peer has not answered, in order.
class InFlight {
  public:
    void sent(Index last, std::size_t bytes) {
        messages_.push_back({last, bytes});
        bytes_ += bytes;
    }
    void answered(Index match) {
        while (!messages_.empty() && messages_.front().last <= match) {
            bytes_ -= messages_.front().bytes;
            messages_.pop_front();
        }
    }
    void clear() {
        messages_.clear();
        bytes_ = 0;
    }
    [[nodiscard]] std::size_t count() const { return messages_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    struct Sent {
        Index last = 0;
        std::size_t bytes = 0;
    };
    std::deque<Sent> messages_{};
    std::size_t bytes_ = 0;
};

/// Another member, as this one sees it.
struct Peer {
    enum class Mode : std::uint8_t {
        probe,      // where its log agrees with ours is unknown: one empty request at a time
        replicate,  // entries are sent ahead of the answers
        snapshot    // it is too far behind for the log
    };
    NodeId id = nobody;
    bool witness = false;

    // What it said to our candidacy of this term.
    bool pre_vote = false;
    bool vote = false;

    // Where it is. Meaningful while we lead.
    Mode mode = Mode::replicate;
    Index next = 1;           // what it is sent next
    Index match = 0;          // what it surely has
    Index commit_sent = 0;    // what it has been told
    std::uint64_t floor = 0;  // refusals of earlier rounds say nothing about `next` any more
    InFlight in_flight{};

    // When it answered.
    std::optional<Instant> answered{};
    std::uint64_t answered_round = 0;
    Instant answered_sent = Instant::min();  // when that round was sent

    // The snapshot on its way to it.
    SnapshotMark stream{};
    std::uint64_t stream_offset = 0;
    Instant stream_asked{};
};

/// What the disk has been asked to do and how far it is.
struct Disk {
    /// Entries that are not durable yet, by the step that writes them.
    struct Unstored {
        std::uint64_t sequence = 0;
        Index last = 0;
    };
    /// "I have accepted everything up to here", to be said when it is true.
    struct Acknowledgement {
        Index match = 0;
        std::uint64_t round = 0;
    };
    std::uint64_t issued = 0;       // the last step
    std::uint64_t hard_issued = 0;  // the last step with a hard state
    Stored progress{};
    Index durable = 0;  // entries up to here are stored as the level demands
    std::deque<Unstored> unstored{};
    std::vector<Message> held{};  // until the hard state is synced
    std::deque<Acknowledgement> acknowledgements{};
    bool failed = false;
    Index must_reach = 0;
};

struct Election {
    enum class Phase : std::uint8_t { idle, pre_vote, vote };
    Phase phase = Phase::idle;
    Instant campaign_at{};     // unless something happens before
    bool suspected = false;    // the detectors have lost the leader
    bool leader_gone = false;  // and are sure of it
    bool own_vote = false;     // is on disk
    bool retry_armed = false;  // this attempt has been refused
    int attempts = 0;          // refused in a row
    Instant serve_from{};      // the longest promise that a voter told of
    std::uint64_t asked = 0;   // questions so far; never reset
};

struct Following {
    struct Incoming {
        SnapshotMark mark{};
        Term term = 0;               // of the leader that sends it; another one's bytes may differ
        std::uint64_t offset = 0;    // handed to the disk
        std::uint64_t sequence = 0;  // the step of the newest piece
        std::uint64_t round = 0;
        bool pending = false;   // the newest piece is not durable yet
        bool complete = false;  // it is the last piece
    };
    /// Somebody asks for a vote because our leader is gone, and we have just heard from it. Its
    /// next message, or our own detectors, will tell who is right.
    struct Claim {
        NodeId from = nobody;
        Term term = 0;
        VoteRequest request{};
    };
    std::optional<Claim> claim{};
    Instant heard{};          // from `leader`
    Index verified = 0;       // our log equals this leader's up to here
    Instant promise_until{};  // until then no other leader may serve
    std::optional<Incoming> incoming{};
};

struct Leading {
    struct PendingRead {
        std::uint64_t token = 0;
        std::uint64_t after = 0;  // an answer to a later round will do
    };
    struct Accepted {
        std::uint64_t token = 0;
        Index index = 0;
    };
    struct HandingOver {
        Instant until{};
        NodeId wanted = nobody;  // no other will do
        NodeId to = nobody;      // once it has been told
    };
    Instant since{};
    Index first = 0;       // the first entry of our term
    Instant serve_from{};  // older promises have run out by then
    Instant heartbeat_at{};
    std::uint64_t round = 0;      // the last one sent; never reset
    std::deque<Instant> sent{};   // when the last rounds were sent, the newest at the back
    std::uint64_t broadcast = 0;  // the first round of the last heartbeats to all
    bool broadcast_here = false;  // and they have not left this object yet
    std::deque<PendingRead> reads{};
    std::deque<Accepted> accepted{};  // neither agreed nor given up
    std::optional<HandingOver> handing_over{};
};

/// What has been told to the outside.
struct Told {
    Index apply_to = 0;
    Index applied = 0;
    std::uint64_t rebuilds = 0;
    Role role = Role::follower;
    Term term = 0;
    NodeId leader = nobody;
    bool serving = false;
};

struct Consensus::State {
    State(ConsensusSettings settings, Recovered recovered, Random random, Instant now);

    ConsensusSettings settings;
    Random random;
    Instant now;
    bool witness = false;
    std::vector<Peer> peers{};  // everybody else

    HardState hard{};
    Log log;
    SnapshotMark snapshot{};
    Index commit = 0;
    Role role = Role::follower;
    NodeId leader = nobody;

    Disk disk{};
    Election election{};
    Following following{};
    Leading leading{};
    Told told{};
    Effects effects{};
    std::string_view violation{};  // see `violated`

    [[nodiscard]] bool leads() const { return role == Role::leader; }
    [[nodiscard]] Peer* find(NodeId id);
    void send(NodeId to, MessageBody body) { send(to, hard.term, std::move(body)); }
    void send(NodeId to, Term term, MessageBody body);
    void answer(Answer::Kind kind, std::uint64_t token, Index index = 0);
    /// Uniform in [least, most].
    [[nodiscard]] Duration random_between(Duration least, Duration most);
    /// Something happened that cannot: a bug, or a member that lies. Aborts; with mutations it is
    /// noted for the invariants, so that a simulator can go on to report it.
    void violated(std::string_view what);
};

}  // namespace ftcore
