// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/client_requests.hpp"

namespace ftcore {

std::uint64_t ClientRequests::add(Instant now, Waiting waiting) {
    now_ = now;
    waiting.since = now;
    const std::uint64_t token = next_token_++;
    waiting_.emplace(token, std::move(waiting));
    deadlines_.emplace_back(now + timeout_, token);
    return token;
}

std::uint64_t ClientRequests::add_write(Instant now, Node::WriteDone done) {
    return add(now, {.write = std::move(done)});
}

std::uint64_t ClientRequests::add_read(Instant now, Node::ReadDone done) {
    return add(now, {.read = std::move(done)});
}

void ClientRequests::settle(Iterator at, ErrorCode outcome, std::string_view reply) {
    Waiting waiting = std::move(at->second);
    waiting_.erase(at);
    settled_.push_back({.latency = now_ - waiting.since, .outcome = outcome});
    if (waiting.write) waiting.write(outcome, reply);
    if (waiting.read) waiting.read(outcome);
}

void ClientRequests::answer(const Answer& answer, Index applied) {
    const auto at = waiting_.find(answer.token);
    if (at == waiting_.end()) return;  // its time was up
    Waiting& waiting = at->second;
    switch (answer.kind) {
        case Answer::Kind::accepted:
            waiting.index = answer.index;
            waiting.term = answer.term;
            writes_[answer.index] = answer.token;
            return;
        case Answer::Kind::dropped: {
            const bool had_index = waiting.index != 0 || answer.index != 0;
            if (waiting.index != 0) writes_.erase(waiting.index);
            return settle(at, had_index ? ErrorCode::outcome_unknown : ErrorCode::not_primary, {});
        }
        case Answer::Kind::not_leader:
            return settle(at, ErrorCode::not_primary, {});
        case Answer::Kind::readable:
            if (answer.index <= applied) return settle(at, ErrorCode::none, {});
            reads_.emplace(answer.index, answer.token);
            return;
    }
}

void ClientRequests::applied(Instant now, const Entry& entry, std::string_view reply) {
    now_ = now;
    if (writes_.empty()) return;
    const auto write = writes_.find(entry.index);
    if (write == writes_.end()) return;
    const auto at = waiting_.find(write->second);
    writes_.erase(write);
    if (at == waiting_.end()) return;
    // Another leader's entry took the place: ours may still not be said to have happened.
    const bool ours = at->second.term == entry.term;
    settle(
        at, ours ? ErrorCode::none : ErrorCode::outcome_unknown, ours ? reply : std::string_view());
}

void ClientRequests::reached(Index applied) {
    while (!reads_.empty() && reads_.begin()->first <= applied) {
        const auto at = waiting_.find(reads_.begin()->second);
        reads_.erase(reads_.begin());
        if (at != waiting_.end()) settle(at, ErrorCode::none, {});
    }
}

void ClientRequests::expire(Instant now) {
    now_ = now;
    while (!deadlines_.empty()) {
        const auto [deadline, token] = deadlines_.front();
        const auto at = waiting_.find(token);
        if (at != waiting_.end() && deadline > now) return;
        deadlines_.pop_front();
        if (at == waiting_.end()) continue;
        if (at->second.index != 0) writes_.erase(at->second.index);
        settle(
            at, at->second.write ? ErrorCode::outcome_unknown : ErrorCode::deadline_exceeded, {});
    }
}

void ClientRequests::fail_writes(ErrorCode outcome) {
    writes_.clear();
    std::vector<std::uint64_t> tokens;
    for (const auto& [token, waiting] : waiting_) {
        if (waiting.write) tokens.push_back(token);
    }
    for (const std::uint64_t token : tokens) {
        // An answer may make its receiver ask again, which changes the table.
        if (const auto at = waiting_.find(token); at != waiting_.end()) settle(at, outcome, {});
    }
}

void ClientRequests::fail_all(ErrorCode writes, ErrorCode reads) {
    writes_.clear();
    reads_.clear();
    while (!waiting_.empty()) {
        const auto at = waiting_.begin();
        settle(at, at->second.write ? writes : reads, {});
    }
    deadlines_.clear();
}

std::optional<Instant> ClientRequests::deadline() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.front().first;
}

std::vector<ClientRequests::Settled> ClientRequests::take_settled() {
    return std::exchange(settled_, {});
}

}  // namespace ftcore
