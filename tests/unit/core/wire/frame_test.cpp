// SPDX-License-Identifier: Apache-2.0
#include "targets/core/wire/frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

Frame everything() {
    Frame frame;
    frame.hello = Hello{
        .cluster = "one", .node = 3, .incarnation = ~0ULL, .level = Level::low, .connection = 4};
    frame.beat = Beat{.sequence = 7,
                      .interval = 10ms,
                      .health = {.storage_latency = 3ms,
                                 .storage_ok = false,
                                 .serving = true,
                                 .overloaded = true,
                                 .loop_lag = 5us,
                                 .unreachable = {1, 2}}};
    const auto add = [&frame](MessageBody body) {
        frame.messages.push_back({.term = 9, .body = std::move(body)});
    };
    add(VoteRequest{
        .pre = true, .leader_gone = true, .last_index = 5, .last_term = 4, .attempt = 7});
    add(VoteReply{.pre = true, .granted = true, .promise_left = 1500us, .attempt = 7});
    add(AppendRequest{
        .previous_index = 1,
        .previous_term = 2,
        .commit = 3,
        .round = 4,
        .entries = {
            {.index = 2, .term = 9, .kind = EntryKind::no_op, .data = ""},
            {.index = 3, .term = 9, .kind = EntryKind::command, .data = std::string("a\0b", 3)}}});
    add(AppendReply{
        .accepted = true, .match = 8, .conflict_index = 1, .conflict_term = 2, .round = 3});
    add(SnapshotChunk{.mark = {10, 4}, .offset = 77, .last = true, .round = 2, .data = "piece"});
    add(SnapshotReply{.mark = {10, 4}, .next_offset = 82, .done = true, .round = 2});
    add(HandOver{});
    return frame;
}

TEST(Frame, ComesBackAsItWas) {
    const Frame sent = everything();
    std::string bytes;
    append_frame(bytes, sent);
    const FrameParse parsed = parse_frame(bytes);
    ASSERT_EQ(parsed.state, FrameParse::State::complete) << parsed.reason;
    EXPECT_EQ(parsed.bytes, bytes.size());
    EXPECT_EQ(parsed.frame.messages, sent.messages);
    ASSERT_TRUE(parsed.frame.hello && parsed.frame.beat);
    EXPECT_EQ(parsed.frame.hello->incarnation, ~0ULL);
    EXPECT_EQ(parsed.frame.hello->level, Level::low);
    EXPECT_EQ(parsed.frame.hello->connection, 4U);
    EXPECT_EQ(parsed.frame.beat->health.unreachable, (std::vector<NodeId>{1, 2}));
    EXPECT_EQ(parsed.frame.beat->interval, 10ms);
    EXPECT_FALSE(parsed.frame.beat->health.storage_ok);
}

TEST(Frame, IsIncompleteAtEveryShorterLength) {
    std::string bytes;
    append_frame(bytes, everything());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        EXPECT_EQ(parse_frame(std::string_view(bytes).substr(0, length)).state,
                  FrameParse::State::incomplete)
            << length;
    }
}

TEST(Frame, IsRefusedWhenAnyBitOfItsPayloadIsFlipped) {
    std::string bytes;
    append_frame(bytes, everything());
    for (std::size_t at = 4; at < bytes.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = bytes;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
            EXPECT_EQ(parse_frame(flipped).state, FrameParse::State::broken) << at;
        }
    }
}

TEST(Frame, TooLongIsRefusedBeforeItHasArrived) {
    const std::string bytes("\xFF\xFF\xFF\x7F\0\0\0\0", 8);
    const FrameParse parsed = parse_frame(bytes);
    ASSERT_EQ(parsed.state, FrameParse::State::broken);
    EXPECT_THAT(parsed.reason, HasSubstr("limit"));
}

TEST(Frame, OfAnotherVersionIsRefusedNamingBoth) {
    std::string bytes;
    append_frame(bytes, Frame{.hello = Hello{.version = 99, .cluster = "one", .node = 1}});
    const FrameParse parsed = parse_frame(bytes);
    ASSERT_EQ(parsed.state, FrameParse::State::broken);
    EXPECT_THAT(parsed.reason, HasSubstr("version 99"));
    EXPECT_THAT(parsed.reason, HasSubstr("this node 1"));
}

}  // namespace
}  // namespace ftcore
