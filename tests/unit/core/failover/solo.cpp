// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/failover/solo.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <gtest/gtest.h>

namespace ftcore {
namespace {

ConsensusSettings settings_of(const Solo::Options& options) {
    ConsensusSettings settings{.self = options.self, .level = options.level};
    for (std::size_t number = 1; number <= options.count; ++number) {
        const auto id = static_cast<NodeId>(number);
        const auto& witnesses = options.witnesses;
        const bool witness = std::find(witnesses.begin(), witnesses.end(), id) != witnesses.end();
        settings.members.push_back({.id = id, .witness = witness});
    }
    return settings;
}

constexpr int ticks_max = 1000;

}  // namespace

Solo::Solo(Options options)
    : self_(options.self),
      consensus_(settings_of(options), std::move(options.recovered), Random(7), now_) {
    observed_ = observe(consensus_);
}

void Solo::before() {
    observed_ = observe(consensus_);
}

void Solo::after() {
    EXPECT_EQ(broken_invariant(observed_, consensus_).value_or(""), "");
    Effects effects = consensus_.take_effects();
    for (auto& work : effects.storage) {
        EXPECT_EQ(work.sequence, ++issued_);
        storage.push_back(std::move(work));
    }
    std::move(effects.messages.begin(), effects.messages.end(), std::back_inserter(messages));
    std::move(effects.answers.begin(), effects.answers.end(), std::back_inserter(answers));
    wanted.insert(wanted.end(), effects.snapshots_wanted.begin(), effects.snapshots_wanted.end());
    if (effects.rebuild) {
        ++rebuilds;
        apply_to.reset();
    }
    if (effects.apply_to) apply_to = effects.apply_to;
}

void Solo::wait(Duration span) {
    const Instant end = now_ + span;
    for (int ticks = 0; ticks < ticks_max && consensus_.deadline() <= end; ++ticks)
        tick_when_due();
    ASSERT_GT(consensus_.deadline(), end);
    now_ = end;
}

void Solo::tick_when_due() {
    now_ = std::max(now_, consensus_.deadline());
    call([](Consensus& consensus, Instant now) { consensus.tick(now); });
}

void Solo::receive(NodeId from, Term term, MessageBody body) {
    call([&](Consensus& consensus, Instant now) {
        consensus.receive(now, {.from = from, .to = self_, .term = term, .body = std::move(body)});
    });
}

void Solo::stored(Stored progress) {
    call([&](Consensus& consensus, Instant now) { consensus.stored(now, progress); });
}

void Solo::store_all() {
    stored({.written = issued_, .synced = issued_});
}

void Solo::propose(std::vector<std::string> data) {
    std::vector<Proposal> proposals;
    for (std::string& each : data)
        proposals.push_back({.token = ++tokens_, .data = std::move(each)});
    call([&](Consensus& consensus, Instant now) { consensus.propose(now, std::move(proposals)); });
}

void Solo::read(std::uint64_t token) {
    call([&](Consensus& consensus, Instant now) { consensus.read(now, token); });
}

void Solo::suspect(NodeId leader, Suspicion suspicion) {
    call([&](Consensus& consensus, Instant now) { consensus.suspect(now, leader, suspicion); });
}

void Solo::elect() {
    for (int ticks = 0; ticks < ticks_max && sent<VoteRequest>().empty(); ++ticks)
        tick_when_due();
    receive(2, consensus_.term(), VoteReply{.pre = true, .granted = true});
    store_all();
    receive(2, consensus_.term(), VoteReply{.granted = true});
    ASSERT_EQ(consensus_.role(), Role::leader);
    store_all();
    forget();
}

void Solo::serve() {
    elect();
    const Index first = consensus_.last_index();
    receive(2, consensus_.term(), AppendReply{.accepted = true, .match = first, .round = 1});
    receive(3, consensus_.term(), AppendReply{.accepted = true, .match = first, .round = 2});
    // What was promised before a restart has run out.
    wait(std::chrono::milliseconds(5));
    ASSERT_TRUE(consensus_.serving());
    forget();
}

void Solo::acknowledge(NodeId peer) {
    AppendReply reply{.accepted = true};
    for (const AppendRequest& request : sent<AppendRequest>(peer)) {
        reply.match = std::max(reply.match, request.previous_index + request.entries.size());
        reply.round = std::max(reply.round, request.round);
    }
    receive(peer, consensus_.term(), reply);
}

void Solo::forget() {
    storage.clear();
    messages.clear();
    answers.clear();
    wanted.clear();
    apply_to.reset();
    rebuilds = 0;
}

std::vector<Entry> entries_of(Term term, Index from, std::size_t count) {
    std::vector<Entry> entries;
    for (std::size_t made = 1; made <= count; ++made) {
        entries.push_back({.index = from + made,
                           .term = term,
                           .kind = EntryKind::command,
                           .data = "d" + std::to_string(from + made)});
    }
    return entries;
}

}  // namespace ftcore
