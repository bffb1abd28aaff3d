// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/spell_message.hpp"

#include <fmt/format.h>

namespace ftcore::simulation {
namespace {

struct Spell {
    std::string operator()(const VoteRequest& body) const {
        return fmt::format("{}vote? last {}/{}{}",
                           body.pre ? "pre-" : "",
                           body.last_index,
                           body.last_term,
                           body.leader_gone ? ", leader gone" : "");
    }
    std::string operator()(const VoteReply& body) const {
        return fmt::format("{}vote {}, promise {} us",
                           body.pre ? "pre-" : "",
                           body.granted ? "granted" : "refused",
                           body.promise_left.count() / 1000);
    }
    std::string operator()(const AppendRequest& body) const {
        return fmt::format("append {} behind {}/{}, commit {}, round {}",
                           body.entries.size(),
                           body.previous_index,
                           body.previous_term,
                           body.commit,
                           body.round);
    }
    std::string operator()(const AppendReply& body) const {
        if (body.accepted)
            return fmt::format("appended, match {}, round {}", body.match, body.round);
        return fmt::format("append refused, try {}/{}, round {}",
                           body.conflict_index,
                           body.conflict_term,
                           body.round);
    }
    std::string operator()(const SnapshotChunk& body) const {
        return fmt::format("snapshot {}/{} at {}, {} bytes{}",
                           body.mark.index,
                           body.mark.term,
                           body.offset,
                           body.data.size(),
                           body.last ? ", last" : "");
    }
    std::string operator()(const SnapshotReply& body) const {
        return fmt::format("snapshot {}/{} to {}{}",
                           body.mark.index,
                           body.mark.term,
                           body.next_offset,
                           body.done ? ", done" : "");
    }
    std::string operator()(const HandOver&) const { return "hand-over"; }
};

}  // namespace

std::string spell(const Message& message) {
    return fmt::format("{} -> {} term {}: {}",
                       message.from,
                       message.to,
                       message.term,
                       std::visit(Spell{}, message.body));
}

}  // namespace ftcore::simulation
