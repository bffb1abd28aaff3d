// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/simulation/check/checker.hpp"
#include "tests/simulation/check/ledger.hpp"

namespace ftcore::simulation {
namespace {

/// A world in which nothing happens by itself.
class StillWorld final : public Surroundings {
  public:
    explicit StillWorld(Level level)
        : plan_(draw_plan(1, {.nodes = 3, .witness = false, .level = level})) {}
    TrueTime now() const override { return {}; }
    void at(TrueTime, std::function<void()>) override {}
    void send(Message) override {}
    void healed() override {}
    bool linked(NodeId, NodeId) const override { return true; }
    void reply(NodeId, Reply) override {}
    void started(NodeId, const Recovered&, const Consensus&) override {}
    void stepped(const Step&) override {}
    void applied(NodeId, const Entry&, std::uint64_t) override {}
    void acknowledged(Index) override {}
    void read_asked(std::uint64_t) override {}
    void readable(NodeId, std::uint64_t, Index) override {}
    void promise_weakened() override {}
    void broken(std::string_view, std::string) override {}
    const Plan& plan() const override { return plan_; }
    Counts& counts() override { return counts_; }
    Trace& trace() override { return trace_; }

  private:
    Plan plan_;
    Counts counts_;
    Trace trace_;
};

class Checkers : public testing::Test {
  protected:
    Checkers() {
        ConsensusSettings settings = world_.plan().consensus;
        for (const Member& member : settings.members) {
            nodes_.push_back(std::make_unique<Node>(member.id, world_, Random(member.id)));
            nodes_.back()->start();
        }
        settings.self = 1;
        consensus_.emplace(settings, Recovered{}, Random(1), Instant{});
    }

    Checker::Finding step(Checker& checker,
                          NodeId node,
                          const Glance& before,
                          const Glance& after) {
        const Step step{node, before, after, effects_, *consensus_};
        const auto broken = ledger_.stepped(step, false);
        EXPECT_FALSE(broken) << *broken;
        return checker.stepped(scene(), step);
    }
    Scene scene() { return {world_, nodes_, ledger_}; }
    /// The log of `node` gets entries of `term` up to `to`.
    void append(NodeId node, Term term, Index from, Index to) {
        effects_ = {};
        StorageWork work;
        for (Index index = from; index <= to; ++index)
            work.append.push_back({.index = index, .term = term});
        effects_.storage.push_back(work);
        const Glance glance{.up = true, .term = term, .last = to};
        EXPECT_FALSE(ledger_.stepped({node, glance, glance, effects_, *consensus_}, false));
        effects_ = {};
    }

    StillWorld world_{Level::high};
    std::vector<std::unique_ptr<Node>> nodes_;
    Ledger ledger_{3};
    std::optional<Consensus> consensus_;
    Effects effects_;
};

const Glance follower{.up = true, .role = Role::follower, .term = 2};
const Glance leader{.up = true, .role = Role::leader, .term = 2};

TEST_F(Checkers, ElectionSafetyWantsOneLeaderPerTerm) {
    const auto checker = election_safety();
    EXPECT_FALSE(step(*checker, 1, follower, leader));
    EXPECT_FALSE(step(*checker, 1, leader, leader));
    Glance later = leader;
    later.term = 3;
    EXPECT_FALSE(step(*checker, 2, follower, later));
    EXPECT_TRUE(step(*checker, 3, follower, leader));
}

TEST_F(Checkers, LeaderAppendOnlyRejectsATruncation) {
    const auto checker = leader_append_only();
    effects_.storage.push_back({.truncate_from = 1});
    EXPECT_FALSE(step(*checker, 1, follower, follower));
    EXPECT_TRUE(step(*checker, 1, leader, leader));
}

TEST_F(Checkers, TheLedgerRejectsTwoEntriesOfOneTermAtOneIndex) {
    append(1, 2, 1, 2);
    effects_.storage.push_back({.append = {{.index = 1, .term = 2, .data = "other"}}});
    const Glance glance{.up = true, .last = 1};
    EXPECT_TRUE(ledger_.stepped({2, glance, glance, effects_, *consensus_}, false));
}

TEST_F(Checkers, TheLedgerRejectsEqualEntriesAfterDifferentOnes) {
    append(1, 1, 1, 1);
    append(1, 3, 2, 2);
    append(2, 2, 1, 1);
    effects_.storage.push_back({.append = {{.index = 2, .term = 3}}});
    const Glance glance{.up = true, .last = 2};
    EXPECT_TRUE(ledger_.stepped({2, glance, glance, effects_, *consensus_}, false));
}

TEST_F(Checkers, LeaderCompletenessWantsWhatIsAgreed) {
    const auto checker = leader_completeness();
    append(1, 2, 1, 5);
    append(2, 2, 1, 5);
    append(3, 2, 1, 4);
    ledger_.agree(1, 1, 5);
    Glance elected{.up = true, .role = Role::leader, .term = 3, .last = 5};
    EXPECT_FALSE(step(*checker, 2, follower, elected));
    elected.last = 4;
    EXPECT_TRUE(step(*checker, 3, follower, elected));
}

TEST_F(Checkers, StateMachineSafetyComparesStates) {
    const auto checker = state_machine_safety();
    EXPECT_FALSE(checker->applied(scene(), 1, {.index = 1, .term = 1}, 77));
    EXPECT_FALSE(checker->applied(scene(), 2, {.index = 1, .term = 1}, 77));
    EXPECT_TRUE(checker->applied(scene(), 3, {.index = 1, .term = 1}, 78));
}

TEST_F(Checkers, DurabilityWantsAQuorumOfDisks) {
    const auto checker = durability();
    append(1, 2, 1, 1);
    Glance before = leader;
    before.last = 1;
    Glance after = before;
    after.commit = 1;
    EXPECT_TRUE(step(*checker, 1, before, after)) << "no disk holds it";
    for (const NodeId id : {1U, 2U}) {
        Disk& disk = nodes_[id - 1]->disk();
        disk.submit({{.sequence = 1, .append = {{.index = 1, .term = 2}}}});
        disk.begin_write();
        ASSERT_TRUE(disk.end_write());
        disk.end_sync();
    }
    EXPECT_FALSE(step(*checker, 1, before, after));
}

TEST_F(Checkers, OnceOnlyRejectsACommandAtTwoPlaces) {
    const auto checker = once_only();
    const std::string command = encode({.key = 1, .value = 5, .attempt = 9}, 0);
    const Entry first{.index = 3, .term = 1, .kind = EntryKind::command, .data = command};
    Entry second = first;
    EXPECT_FALSE(checker->applied(scene(), 1, first, 0));
    EXPECT_FALSE(checker->applied(scene(), 2, first, 0));
    second.index = 4;
    EXPECT_TRUE(checker->applied(scene(), 1, second, 0));
}

TEST_F(Checkers, FreshReadsRejectAnOldState) {
    const auto checker = fresh_reads();
    checker->acknowledged(5);
    checker->read_asked(1);
    EXPECT_FALSE(checker->readable(scene(), 1, 1, 5));
    EXPECT_TRUE(checker->readable(scene(), 1, 1, 4));
}

}  // namespace
}  // namespace ftcore::simulation
