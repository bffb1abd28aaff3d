// SPDX-License-Identifier: Apache-2.0
// On a connection that was open before the effect came.
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

using namespace std::chrono_literals;

constexpr auto opened_before = Talk::Opened::before;
const std::string ping_request = command_text({"PING"});

TEST(LinkErrorMidway, BeginsHttpWithTheFirstRequestAfterAnAnswer) {
    Talk talk(answering(), opened_before);
    talk.ask("rest of a body");
    talk.ask(get("/looks-like-a-request-but-is-a-body"));
    EXPECT_EQ(talk.client_got(), "");
    talk.answer("rest of an ");
    talk.answer("answer");
    EXPECT_EQ(talk.client_got(), "rest of an answer");
    talk.ask(get("/"));
    EXPECT_EQ(talk.client_got(), refusal());
    EXPECT_EQ(talk.server_got(), "rest of a body" + get("/looks-like-a-request-but-is-a-body"));
}

TEST(LinkErrorMidway, BeginsHttpAtOnceOnAnIdleConnection) {
    Talk talk(answering(), opened_before);
    talk.ask(get("/"));
    EXPECT_EQ(talk.client_got(), refusal());
    EXPECT_EQ(talk.tally().first(), talk.now());
}

TEST(LinkErrorMidway, IsWhereItIsWhenAnAnswerComesFirst) {
    for (const auto opened : {opened_before, Talk::Opened::now}) {
        Talk talk(answering(), opened);
        talk.answer("late answer");
        talk.ask(get("/"));
        EXPECT_EQ(talk.client_got(), "late answer" + refusal());
    }
}

TEST(LinkErrorMidway, MakesRedisWaitUntilNothingIsOnItsWay) {
    Talk talk(answering(), opened_before);
    talk.ask(ping_request);
    talk.wait(1ms);
    talk.answer("+late\r\n");
    EXPECT_EQ(talk.client_got(), "+late\r\n");
    talk.ask(ping_request);
    talk.wait(1'999us);
    EXPECT_EQ(talk.client_got() + talk.server_got(), "");
    talk.wait(1us);
    EXPECT_EQ(talk.client_got(), std::string(redis_refusal) + std::string(redis_refusal));
}

TEST(LinkErrorMidway, DoesNotMakeRedisWaitAfterSilence) {
    Talk talk(answering(), opened_before);
    talk.answer("+late\r\n");
    talk.wait(2ms);
    static_cast<void>(talk.client_got());
    talk.ask(ping_request);
    EXPECT_EQ(talk.client_got(), redis_refusal);
}

TEST(LinkErrorMidway, LetsABusyConnectionGoOnAfterAWhile) {
    Talk talk(answering(), opened_before);
    talk.ask(ping_request);
    for (int index = 0; index < 49; ++index) {
        talk.wait(1ms);
        talk.answer("+late\r\n");
    }
    EXPECT_EQ(talk.server_got(), "");
    talk.wait(1ms);
    EXPECT_EQ(talk.server_got(), ping_request);
    talk.answer("+PONG\r\n");
    talk.wait(2ms);
    static_cast<void>(talk.client_got());
    talk.ask(ping_request);
    EXPECT_EQ(talk.client_got(), redis_refusal) << "it tries again";
}

TEST(LinkErrorMidway, PassesWhatBeginsNoRequest) {
    Talk talk(answering(), opened_before);
    for (const std::string_view bytes : {"PING\r\n", "*1\r\n", "GET / HT", "\x16\x03\x01"}) {
        talk.ask(bytes);
        EXPECT_EQ(talk.server_got(), bytes);
    }
    EXPECT_EQ(talk.tally().unparsed.get(), 0U);
}

TEST(LinkErrorMidway, PassesWhatWaitsWhenItIsTakenAwayOrTheStreamEnds) {
    for (int way = 0; way < 4; ++way) {
        Talk talk(answering(), opened_before);
        talk.ask(ping_request);
        if (way == 0) talk.retire();
        if (way == 1) talk.release();
        if (way == 2) talk.client_finishes();
        if (way == 3) talk.server_finishes();
        EXPECT_EQ(talk.server_got(), ping_request) << way;
        talk.wait(10ms);
        talk.ask(way == 2 ? "" : ping_request);
        EXPECT_EQ(talk.client_got(), "") << way;
    }
}

TEST(LinkErrorMidway, LeavesAReplicaAlone) {
    Talk talk(answering(), opened_before);
    const std::string acknowledgement = command_text({"REPLCONF", "ACK", "100"});
    ErrorSpec spec = answering({.commands = {"SET"}});
    Talk replica(spec, opened_before);
    replica.ask(acknowledgement);
    replica.wait(2ms);
    replica.ask(command_text({"SET", "a", "1"}));
    EXPECT_EQ(replica.server_got(), acknowledgement + command_text({"SET", "a", "1"}));
    EXPECT_EQ(replica.tally().unparsed.get(), 1U);
}

}  // namespace
}  // namespace faultline::link::test
