// SPDX-License-Identifier: Apache-2.0
#include "targets/core/failover/invariants.hpp"

#include <algorithm>

#include "targets/core/failover/steps.hpp"

namespace ftcore {
namespace {

/// How many entries at the end of the log are looked at in every step.
constexpr Index entries_checked = 16;

using Broken = std::optional<std::string>;

std::string numbers(std::string_view first,
                    std::uint64_t a,
                    std::string_view second,
                    std::uint64_t b) {
    return std::string(first) + " " + std::to_string(a) + ", " + std::string(second) + " " +
           std::to_string(b);
}

Broken broken_log(const Consensus::State& state) {
    const Log& log = state.log;
    if (log.behind().index > state.snapshot.index) {
        return "entries are missing between snapshot and log: " +
               numbers("snapshot", state.snapshot.index, "log behind", log.behind().index);
    }
    if (log.last_index() < state.snapshot.index) {
        return "the log would use indexes of the snapshot again: " +
               numbers("snapshot", state.snapshot.index, "last", log.last_index());
    }
    const Index depth = std::min<Index>(entries_checked, log.last_index() - log.behind().index);
    for (Index index = log.last_index() - depth + 1; index <= log.last_index(); ++index) {
        const Entry& entry = log.at(index);
        if (entry.index != index) return "entry " + std::to_string(index) + " has another index";
        if (entry.term < *log.term_at(index - 1)) {
            return "the term falls at entry " + std::to_string(index);
        }
    }
    if (log.last().term > state.hard.term) {
        return numbers("last entry's term", log.last().term, "own term", state.hard.term);
    }
    return std::nullopt;
}

Broken broken_positions(const Consensus::State& state) {
    if (state.commit < state.snapshot.index) {
        return numbers("commit", state.commit, "below snapshot", state.snapshot.index);
    }
    if (state.commit > state.log.last_index()) {
        return numbers("commit", state.commit, "beyond the last entry", state.log.last_index());
    }
    if (state.disk.durable > state.log.last_index()) {
        return numbers(
            "durable", state.disk.durable, "beyond the last entry", state.log.last_index());
    }
    const bool low_leader = state.settings.level == Level::low && state.leads();
    if (state.told.apply_to > state.commit && !low_leader) {
        return numbers("told to apply up to", state.told.apply_to, "commit", state.commit);
    }
    if (state.told.applied > state.told.apply_to) {
        return numbers("applied", state.told.applied, "told to apply", state.told.apply_to);
    }
    return std::nullopt;
}

Broken broken_leader(const Consensus::State& state) {
    const bool self = state.leader == state.settings.self;
    if (state.leads() != self) return "it follows itself, or leads under another name";
    if (state.told.serving && !state.leads()) return "it serves without leading";
    if (!state.leads()) {
        if (!state.leading.accepted.empty()) return "accepted proposals outlive the leader";
        if (!state.leading.reads.empty()) return "waiting reads outlive the leader";
        return std::nullopt;
    }
    if (state.witness) return "a witness leads";
    if (state.hard.vote != state.settings.self) return "it leads without its own vote";
    if (state.disk.failed) return "it leads with a failed disk";
    const auto first = state.log.term_at(state.leading.first);  // unless a snapshot has taken it
    if (first.value_or(state.hard.term) != state.hard.term) {
        return "the first entry of its term is missing";
    }
    if (state.told.serving && state.commit < state.leading.first) {
        return "it serves before an entry of its term is agreed";
    }
    if (state.told.serving && state.now < state.leading.serve_from) {
        return "it serves while an older promise runs";
    }
    const auto window = static_cast<std::size_t>(state.settings.appends_in_flight);
    for (const Peer& peer : state.peers) {
        if (peer.match > state.log.last_index() || peer.match >= peer.next) {
            return "peer " + std::to_string(peer.id) + ": " +
                   numbers("match", peer.match, "next", peer.next);
        }
        if (peer.in_flight.count() > window) {
            return "too many requests to peer " + std::to_string(peer.id) + " are unanswered";
        }
    }
    return std::nullopt;
}

Broken broken_candidate(const Consensus::State& state) {
    if (state.role != Role::candidate) return std::nullopt;
    if (state.witness) return "a witness campaigns";
    if (state.hard.vote != state.settings.self) return "it campaigns without its own vote";
    if (state.leader != nobody) return "it campaigns and follows at once";
    if (state.disk.durable < state.disk.must_reach) return "it campaigns although entries are lost";
    return std::nullopt;
}

}  // namespace

Observation observe(const Consensus& consensus) {
    const Consensus::State& state = consensus.state();
    return {.role = state.role,
            .hard_state = state.hard,
            .leader = state.leader,
            .snapshot = state.snapshot,
            .last = state.log.last(),
            .commit = state.commit,
            .announced = state.told.apply_to,
            .rebuilds = state.told.rebuilds,
            .issued = state.disk.issued,
            .progress = state.disk.progress,
            .serving = state.told.serving};
}

std::optional<std::string> broken_invariant(const Consensus& consensus) {
    const Consensus::State& state = consensus.state();
    if (!state.violation.empty()) return std::string(state.violation);
    for (const auto check : {broken_log, broken_positions, broken_leader, broken_candidate}) {
        if (auto broken = check(state)) return broken;
    }
    return std::nullopt;
}

std::optional<std::string> broken_invariant(const Observation& before, const Consensus& after) {
    const Consensus::State& state = after.state();
    if (state.hard.term < before.hard_state.term) {
        return numbers("the term fell from", before.hard_state.term, "to", state.hard.term);
    }
    const bool same_term = state.hard.term == before.hard_state.term;
    const NodeId voted = before.hard_state.vote;
    if (same_term && voted != nobody && state.hard.vote != voted) {
        return numbers("the vote changed within a term from", voted, "to", state.hard.vote);
    }
    const bool rebuilt = state.told.rebuilds > before.rebuilds;
    // Below level high a loss of power may take what was agreed from a quorum.
    const bool may_fall = rebuilt && state.settings.level != Level::high;
    if (state.commit < before.commit && !may_fall) {
        return numbers("commit fell from", before.commit, "to", state.commit);
    }
    if (state.told.apply_to < before.announced && !rebuilt) {
        return numbers("apply_to fell from", before.announced, "to", state.told.apply_to);
    }
    if (state.snapshot.index < before.snapshot.index && !may_fall) {
        return numbers("the snapshot fell from", before.snapshot.index, "to", state.snapshot.index);
    }
    if (state.disk.issued < before.issued) return "a storage step was numbered twice";
    if (same_term && before.role == Role::leader) {
        if (state.log.last_index() < before.last.index)
            return "a leader lost entries of its own log";
        const auto term = state.log.term_at(before.last.index);
        if (term && *term != before.last.term) return "a leader replaced an entry of its own log";
        if (state.role == Role::candidate) return "a leader campaigns in its own term";
    }
    const bool followed = before.leader != nobody && state.leader != nobody;
    if (same_term && followed && before.leader != state.leader) {
        return numbers("the leader changed within a term from", before.leader, "to", state.leader);
    }
    return broken_invariant(after);
}

}  // namespace ftcore
