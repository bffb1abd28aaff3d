// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/client_requests.hpp"

#include <array>

#include <gtest/gtest.h>

namespace ftcore {
namespace {

using namespace std::chrono_literals;

constexpr Instant start = faultline::instant_of(1'000'000'000);

class ClientRequestsTest : public testing::Test {
  protected:
    struct Got {
        int calls = 0;
        ErrorCode code = ErrorCode::none;
        std::string reply;
    };
    std::uint64_t write(Got& into) {
        return requests.add_write(start, [&into](ErrorCode code, std::string_view reply) {
            ++into.calls;
            into.code = code;
            into.reply = reply;
        });
    }
    std::uint64_t read(Got& into) {
        return requests.add_read(start, [&into](ErrorCode code) {
            ++into.calls;
            into.code = code;
        });
    }
    void accept(std::uint64_t token, Index index, Term term) {
        requests.answer(
            {.token = token, .kind = Answer::Kind::accepted, .index = index, .term = term}, 0);
    }

    ClientRequests requests{1s, 3};
    Got got;
};

TEST_F(ClientRequestsTest, AWriteIsAnsweredWhenItsEntryIsApplied) {
    accept(write(got), 5, 2);
    requests.applied(start + 1ms, {.index = 4, .term = 2}, "other");
    EXPECT_EQ(got.calls, 0);
    requests.applied(start + 3ms, {.index = 5, .term = 2}, "OK");
    EXPECT_EQ(got.calls, 1);
    EXPECT_EQ(got.reply, "OK");
    const auto settled = requests.take_settled();
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].latency, 3ms);
    EXPECT_EQ(requests.size(), 0U);
}

TEST_F(ClientRequestsTest, AnotherLeadersEntryInItsPlaceIsNoAcknowledgement) {
    accept(write(got), 5, 2);
    requests.applied(start, {.index = 5, .term = 3}, "OK");
    EXPECT_EQ(got.calls, 1);
    EXPECT_EQ(got.code, ErrorCode::outcome_unknown);
    EXPECT_EQ(got.reply, "");
}

TEST_F(ClientRequestsTest, ADroppedWriteIsUnknownOnlyIfItHadAnIndex) {
    Got refused;
    accept(write(got), 5, 2);
    requests.answer({.token = 1, .kind = Answer::Kind::dropped}, 0);
    EXPECT_EQ(got.code, ErrorCode::outcome_unknown);
    const std::uint64_t token = write(refused);
    requests.answer({.token = token, .kind = Answer::Kind::dropped}, 0);
    EXPECT_EQ(refused.code, ErrorCode::not_primary);
    requests.applied(start, {.index = 5, .term = 2}, "late");
    EXPECT_EQ(got.calls, 1);
}

TEST_F(ClientRequestsTest, AReadWaitsForWhatItHasToSee) {
    const std::uint64_t token = read(got);
    requests.answer({.token = token, .kind = Answer::Kind::readable, .index = 7}, 5);
    requests.reached(6);
    EXPECT_EQ(got.calls, 0);
    requests.reached(7);
    EXPECT_EQ(got.calls, 1);
    EXPECT_EQ(got.code, ErrorCode::none);
}

TEST_F(ClientRequestsTest, WhatWaitsTooLongIsAnsweredOnce) {
    Got read_got;
    accept(write(got), 5, 2);
    static_cast<void>(read(read_got));
    EXPECT_EQ(requests.deadline(), start + 1s);
    requests.expire(start + 999ms);
    EXPECT_EQ(got.calls, 0);
    requests.expire(start + 1s);
    EXPECT_EQ(got.code, ErrorCode::outcome_unknown);
    EXPECT_EQ(read_got.code, ErrorCode::deadline_exceeded);
    requests.applied(start + 2s, {.index = 5, .term = 2}, "late");
    EXPECT_EQ(got.calls, 1);
    EXPECT_FALSE(requests.deadline());
}

TEST_F(ClientRequestsTest, FailsWritesAndLetsReadsWait) {
    Got read_got;
    accept(write(got), 5, 2);
    static_cast<void>(read(read_got));
    requests.fail_writes(ErrorCode::outcome_unknown);
    EXPECT_EQ(got.code, ErrorCode::outcome_unknown);
    EXPECT_EQ(read_got.calls, 0);
    EXPECT_EQ(requests.size(), 1U);
}

TEST_F(ClientRequestsTest, KnowsWhenItIsFullAndFailsAllAtTheEnd) {
    std::array<Got, 3> gots;
    for (Got& one : gots)
        static_cast<void>(write(one));
    EXPECT_TRUE(requests.full());
    requests.fail_all(ErrorCode::outcome_unknown, ErrorCode::not_ready);
    for (const Got& one : gots)
        EXPECT_EQ(one.calls, 1);
    EXPECT_FALSE(requests.full());
}

}  // namespace
}  // namespace ftcore
