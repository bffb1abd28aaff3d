// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/redis_writes.hpp"

#include <gtest/gtest.h>

namespace faultline {
namespace {

/// Histories of writes to one key; instants in microseconds.
class History {
  public:
    explicit History(RedisOperation kind) : kind_(kind) {}

    History& write(std::int64_t sent,
                   std::int64_t end,
                   Outcome outcome,
                   std::uint32_t version = 0) {
        log_.push_back(Operation{.intended_ns = sent * 1000,
                                 .end_ns = end * 1000,
                                 .version = version,
                                 .kind = static_cast<std::uint8_t>(kind_),
                                 .outcome = outcome});
        return *this;
    }
    [[nodiscard]] std::uint64_t lost(const std::optional<std::string_view>& value) const {
        const WrittenKeys keys(log_);
        EXPECT_EQ(keys.keys().size(), 1U);
        return count_lost(log_, keys.keys().at(0), value);
    }

  private:
    RedisOperation kind_;
    OperationLog log_;
};

TEST(ReadVersions, LeaveRoomForNothingAndForOthers) {
    EXPECT_EQ(version_read("0"), 1U);
    EXPECT_EQ(version_read("41:xxxx"), 42U);
    EXPECT_EQ(version_read("hello"), foreign_version);
    EXPECT_EQ(version_read("4294967295"), foreign_version);
    EXPECT_EQ(version_read(""), foreign_version);
}

TEST(LostSets, LastAcknowledgedWriteMustBeThere) {
    History history(RedisOperation::set);
    history.write(10, 20, Outcome::ok).write(30, 40, Outcome::ok);
    EXPECT_EQ(history.lost("1"), 0U);
    EXPECT_EQ(history.lost("1:xxxx"), 0U);
    EXPECT_EQ(history.lost("0"), 1U);
    EXPECT_EQ(history.lost(std::nullopt), 1U);
    EXPECT_EQ(history.lost("somebody else's"), 1U);
    EXPECT_EQ(history.lost("77"), 1U);
}

TEST(LostSets, ConcurrentWritesMayEndInEitherOrder) {
    History history(RedisOperation::set);
    history.write(10, 50, Outcome::ok).write(30, 40, Outcome::ok);
    EXPECT_EQ(history.lost("0"), 0U);
    EXPECT_EQ(history.lost("1"), 0U);
}

TEST(LostSets, UnknownWriteMayHaveHappenedAtAnyTime) {
    History history(RedisOperation::set);
    history.write(10, 20, Outcome::unknown).write(30, 40, Outcome::ok);
    EXPECT_EQ(history.lost("0"), 0U);
    EXPECT_EQ(history.lost("1"), 0U);
    EXPECT_EQ(history.lost(std::nullopt), 1U);
}

TEST(LostSets, NothingIsLostThatWasNotPromised) {
    History history(RedisOperation::set);
    history.write(10, 20, Outcome::unknown).write(30, 40, Outcome::failed);
    EXPECT_EQ(history.lost(std::nullopt), 0U);
    EXPECT_EQ(history.lost("0"), 0U);
}

TEST(LostAppends, EveryAcknowledgedNumberMustBeInTheList) {
    History history(RedisOperation::append);
    history.write(1, 2, Outcome::ok)
        .write(3, 4, Outcome::unknown)
        .write(5, 6, Outcome::ok)
        .write(7, 8, Outcome::failed);
    EXPECT_EQ(history.lost("0,2,"), 0U);
    EXPECT_EQ(history.lost("2,1,0,"), 0U);
    EXPECT_EQ(history.lost("0,1,"), 1U);
    EXPECT_EQ(history.lost("20,"), 2U);
    EXPECT_EQ(history.lost(std::nullopt), 2U);
}

TEST(LostIncrements, CounterIsAtLeastWhatWasAcknowledged) {
    History history(RedisOperation::incr);
    history.write(1, 2, Outcome::ok, 1).write(3, 4, Outcome::unknown).write(5, 6, Outcome::ok, 3);
    EXPECT_EQ(history.lost("3"), 0U);
    EXPECT_EQ(history.lost("2"), 0U);
    EXPECT_EQ(history.lost("1"), 1U);
    EXPECT_EQ(history.lost(std::nullopt), 2U);
}

TEST(LostIncrements, AnAnswerGivenTwiceIsALossEvenWhenTheCountFits) {
    History history(RedisOperation::incr);
    history.write(1, 2, Outcome::ok, 1).write(3, 4, Outcome::ok, 1).write(5, 6, Outcome::unknown);
    EXPECT_EQ(history.lost("2"), 1U);
}

TEST(WrittenKeys, GroupsByKindAndKeyAndLeavesReadsOut) {
    OperationLog log;
    const auto add = [&log](RedisOperation kind, std::uint32_t key) {
        log.push_back(Operation{.key = key, .kind = static_cast<std::uint8_t>(kind)});
    };
    add(RedisOperation::set, 5);
    add(RedisOperation::get, 5);
    add(RedisOperation::append, 5);
    add(RedisOperation::set, 2);
    add(RedisOperation::set, 5);
    const WrittenKeys written(log);
    ASSERT_EQ(written.keys().size(), 3U);
    EXPECT_EQ(written.keys()[0].key, 2U);
    EXPECT_EQ(written.keys()[1].writes.size(), 2U);
    EXPECT_EQ(written.keys()[1].writes[1], 4U);
    EXPECT_EQ(written.keys()[2].kind, RedisOperation::append);
    EXPECT_NE(redis_key("p", RedisOperation::set, 1), redis_key("p", RedisOperation::append, 1));
}

}  // namespace
}  // namespace faultline
