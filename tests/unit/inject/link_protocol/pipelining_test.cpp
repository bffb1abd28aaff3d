// SPDX-License-Identifier: Apache-2.0
// Answers of ours among those of the server.
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

const std::string ping_text = command_text({"PING"});
const std::string set_text = command_text({"SET", "a", "1"});

TEST(LinkErrorPipeline, WaitsUntilEarlierAnswersHavePassed) {
    Talk talk(answering({.commands = {"SET"}}));
    talk.ask(ping_text + ping_text + set_text + ping_text + set_text);
    EXPECT_EQ(talk.server_got(), ping_text + ping_text + ping_text) << "requests are not held up";
    EXPECT_EQ(talk.client_got(), "");
    talk.answer("+1\r\n");
    EXPECT_EQ(talk.client_got(), "+1\r\n");
    talk.answer("+2\r");
    EXPECT_EQ(talk.client_got(), "+2\r");
    talk.answer("\n+3\r");
    EXPECT_EQ(talk.client_got(), "\n" + std::string(redis_refusal) + "+3\r");
    talk.answer("\n");
    EXPECT_EQ(talk.client_got(), "\n" + std::string(redis_refusal));
}

TEST(LinkErrorPipeline, PutsAnswersInTheMiddleOfAChunk) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken") + get("/broken") + get("/2"));
    talk.answer(ok("one") + ok("two"));
    EXPECT_EQ(talk.client_got(), ok("one") + refusal() + refusal() + ok("two"));
}

TEST(LinkErrorPipeline, IsNotMisledByBodilessAnswers) {
    Talk talk(answering({.path = "/broken"}));
    const std::string head = "HEAD / HTTP/1.1\r\n\r\n";
    talk.ask(head + get("/broken") + get("/2") + get("/broken") + get("/3") + get("/broken"));
    const std::string one = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    const std::string two = "HTTP/1.1 204 No Content\r\n\r\n";
    const std::string three = "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n";
    talk.answer(one + two + three);
    EXPECT_EQ(talk.client_got(), one + refusal() + two + refusal() + three + refusal());
}

TEST(LinkErrorPipeline, WaitsForTheFinalAnswerBehindInterimOnes) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    const std::string interim =
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 100 Continue\r\n\r\n";
    talk.answer(interim);
    talk.ask("ab" + get("/broken"));
    EXPECT_EQ(talk.client_got(), interim);
    talk.answer(ok(""));
    EXPECT_EQ(talk.client_got(), ok("") + refusal());
}

TEST(LinkErrorPipeline, FollowsChunkedAnswers) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken"));
    const std::string answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n";
    talk.answer(answer.substr(0, answer.size() - 1));
    EXPECT_EQ(talk.client_got(), answer.substr(0, answer.size() - 1));
    talk.answer(answer.substr(answer.size() - 1));
    EXPECT_EQ(talk.client_got(), "\n" + refusal());
}

TEST(LinkErrorPipeline, FollowsNestedReplies) {
    Talk talk(answering({.commands = {"SET"}}));
    const std::string reply = "*3\r\n:1\r\n*2\r\n$2\r\nab\r\n$-1\r\n+x\r\n";
    for (std::size_t cut = 1; cut < reply.size(); ++cut) {
        talk.ask(ping_text + set_text);
        talk.answer(reply.substr(0, cut));
        EXPECT_EQ(talk.client_got(), reply.substr(0, cut)) << cut;
        talk.answer(reply.substr(cut));
        EXPECT_EQ(talk.client_got(), reply.substr(cut) + std::string(redis_refusal)) << cut;
    }
}

TEST(LinkErrorPipeline, LetsAnswersThatNobodyAskedForPass) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1"));
    talk.answer(ok("one"));
    talk.answer("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    talk.ask(get("/broken"));
    EXPECT_EQ(talk.client_got(),
              ok("one") + "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n" + refusal());
}

TEST(LinkErrorPipeline, WaitsForTheEndOfAnAnswerThatNobodyAskedFor) {
    const std::string unasked = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nlate";
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1"));
    talk.answer(ok("one") + unasked.substr(0, 40));
    static_cast<void>(talk.client_got());
    talk.ask(get("/broken"));
    EXPECT_EQ(talk.client_got(), "");
    talk.answer(unasked.substr(40));
    EXPECT_EQ(talk.client_got(), unasked.substr(40) + refusal());
    talk.answer(unasked.substr(0, 40));
    talk.ask(get("/2") + get("/broken"));
    talk.answer(unasked.substr(40));
    EXPECT_EQ(talk.client_got(), unasked) << "it is not taken for the answer to /2";
    talk.answer(ok("two"));
    EXPECT_EQ(talk.client_got(), ok("two") + refusal());
}

// Stages above plan their instants, so that one way may be behind the other.
TEST(LinkErrorPipeline, NeverGivesAnAnswerAnInstantBeforeTheLast) {
    const auto effect = make_error(answering({.path = "/broken"}));
    ASSERT_TRUE(effect);
    Tally tally;
    const Effect::Stages stages = (*effect)->attach(Random(1), tally);
    RecordingOutlet server;
    RecordingOutlet client;
    const auto at = [](int milliseconds) {
        return Instant(std::chrono::milliseconds(milliseconds));
    };
    stages.up->push({get("/1"), at(1)}, server);
    stages.down->push({ok(""), at(9)}, client);
    stages.up->push({get("/broken"), at(5)}, server);
    stages.down->advance(at(10), client);
    ASSERT_EQ(client.chunks.size(), 2U);
    EXPECT_EQ(client.chunks.back().at, at(9));
}

TEST(LinkErrorPipeline, LetsEmptyRequestsPassThatNobodyAnswers) {
    Talk talk(answering({.commands = {"SET"}}));
    talk.ask(ping_text + "\r\n*0\r\n" + set_text);
    EXPECT_EQ(talk.server_got(), ping_text + "\r\n*0\r\n");
    talk.answer("+PONG\r\n");
    EXPECT_EQ(talk.client_got(), "+PONG\r\n" + std::string(redis_refusal));
    EXPECT_EQ(talk.tally().requests.get(), 2U);
}

TEST(LinkErrorPipeline, EndsTheConnectionInsteadOfAnAnswerThatCannotComeAnyMore) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken"));
    talk.answer("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    EXPECT_FALSE(talk.over());
    talk.server_finishes();
    EXPECT_TRUE(talk.client().finished);
    EXPECT_TRUE(talk.client().closed);
    EXPECT_EQ(talk.tally().answered.get(), 0U);
}

TEST(LinkErrorPipeline, BoundsWhatIsOwed) {
    Talk talk(answering({.commands = {"SET"}}));
    EXPECT_TRUE(talk.accepts());
    std::string pairs;
    for (int index = 0; index < 1000; ++index)
        pairs += ping_text + set_text;
    for (int round = 0; round < 100 && talk.accepts(); ++round)
        talk.ask(pairs);
    EXPECT_FALSE(talk.accepts());
    std::string answers;
    for (std::uint64_t index = 0; index < talk.tally().requests.get() / 2; ++index)
        answers += "+PONG\r\n";
    talk.answer(answers);
    EXPECT_TRUE(talk.accepts());
}

}  // namespace
}  // namespace faultline::link::test
