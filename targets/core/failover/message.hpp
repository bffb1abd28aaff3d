// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "targets/core/types.hpp"

namespace ftcore {

/// Source: Ongaro 2014, sections 3.4 and 9.6 (pre-vote).
struct VoteRequest {
    bool pre = false;          // asks whether a vote would be granted; binds nobody
    bool leader_gone = false;  // the loss is confirmed, or the leader itself hands over: grant even
                               // if you have just heard from it
    Index last_index = 0;
    Term last_term = 0;
    /// Counts the questions of this candidate; the answer to a question (not the vote) gives it
    /// back. An answer that was held up on its way must not count for a later question.
    std::uint64_t attempt = 0;

    friend bool operator==(const VoteRequest&, const VoteRequest&) = default;
};

struct VoteReply {
    bool pre = false;
    bool granted = false;
    /// How long the promise that the voter gave the old leader (not to let anybody else serve)
    /// still runs. The winner serves nothing before the longest of them has passed.
    Duration promise_left{};
    std::uint64_t attempt = 0;  // of the question; 0: its sender does not count them

    friend bool operator==(const VoteReply&, const VoteReply&) = default;
};

/// Entries, or none: a heartbeat. Source: Ongaro 2014, section 3.5.
struct AppendRequest {
    Index previous_index = 0;
    Term previous_term = 0;
    Index commit = 0;
    std::uint64_t round = 0;  // counts requests of this leader; the reply gives it back
    std::vector<Entry> entries{};

    friend bool operator==(const AppendRequest&, const AppendRequest&) = default;
};

struct AppendReply {
    bool accepted = false;
    Index match = 0;  // accepted: every entry up to here is stored (as the level demands) and equal
    Index conflict_index = 0;  // refused: try from here (section 3.5, "conflict" optimisation)
    Term conflict_term = 0;
    std::uint64_t round = 0;

    friend bool operator==(const AppendReply&, const AppendReply&) = default;
};

/// A piece of the leader's snapshot. Source: Ongaro 2014, section 5.
struct SnapshotChunk {
    SnapshotMark mark{};
    std::uint64_t offset = 0;
    bool last = false;
    std::uint64_t round = 0;
    std::string data{};

    friend bool operator==(const SnapshotChunk&, const SnapshotChunk&) = default;
};

struct SnapshotReply {
    SnapshotMark mark{};
    std::uint64_t next_offset = 0;  // what the follower has durably; send from here
    bool done = false;
    std::uint64_t round = 0;

    friend bool operator==(const SnapshotReply&, const SnapshotReply&) = default;
};

/// "Campaign now: I stop." Source: Ongaro 2014, section 3.10 (TimeoutNow).
struct HandOver {
    friend bool operator==(const HandOver&, const HandOver&) = default;
};

using MessageBody = std::variant<VoteRequest,
                                 VoteReply,
                                 AppendRequest,
                                 AppendReply,
                                 SnapshotChunk,
                                 SnapshotReply,
                                 HandOver>;

/// One message between two consensus objects. `term` is the sender's (for a pre-vote request the
/// term it would campaign in).
struct Message {
    NodeId from = nobody;
    NodeId to = nobody;
    Term term = 0;
    MessageBody body{};

    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace ftcore
