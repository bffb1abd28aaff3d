// SPDX-License-Identifier: Apache-2.0
// What becomes of a request that is struck.
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

using namespace std::chrono_literals;

TEST(LinkErrorAnswer, TakesTheServersPlace) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/fine"));
    EXPECT_EQ(talk.server_got(), get("/fine"));
    talk.answer(ok("one"));
    EXPECT_EQ(talk.client_got(), ok("one"));
    talk.ask(get("/broken"));
    EXPECT_EQ(talk.server_got(), "");
    EXPECT_EQ(talk.client_got(), refusal());
    talk.ask(get("/fine"));
    talk.answer(ok("two"));
    EXPECT_EQ(talk.server_got(), get("/fine"));
    EXPECT_EQ(talk.client_got(), ok("two"));
    EXPECT_FALSE(talk.over());
    EXPECT_EQ(talk.tally().requests.get(), 3U);
    EXPECT_EQ(talk.tally().answered.get(), 1U);
    EXPECT_EQ(talk.tally().status(), 503);
    EXPECT_EQ(talk.tally().first(), talk.now());
}

TEST(LinkErrorAnswer, SwallowsTheBodyBeforeItAnswers) {
    Talk talk(answering({.method = "POST"}));
    const std::string request = post("/", std::string(1000, 'x'));
    talk.ask(request.substr(0, request.size() - 1));
    EXPECT_EQ(talk.client_got(), "");
    EXPECT_EQ(talk.held(), 0U) << "the body is not kept";
    talk.ask(request.substr(request.size() - 1) + get("/next"));
    EXPECT_EQ(talk.client_got(), refusal());
    EXPECT_EQ(talk.server_got(), get("/next"));
}

TEST(LinkErrorAnswer, SpeaksRedis) {
    Talk talk(answering({.commands = {"set"}}));
    talk.ask(command_text({"GET", "a"}));
    talk.answer("$1\r\n1\r\n");
    talk.ask(command_text({"SET", "a", std::string(100'000, 'x')}));
    EXPECT_EQ(talk.server_got(), command_text({"GET", "a"}));
    EXPECT_EQ(talk.client_got(), "$1\r\n1\r\n" + std::string(redis_refusal));
    EXPECT_EQ(talk.tally().status(), 0);
}

TEST(LinkErrorAnswer, ClosesWhenToldTo) {
    ErrorSpec spec = answering();
    spec.http.closes = true;
    Talk talk(spec);
    talk.ask(post("/", "body") + get("/never"));
    EXPECT_EQ(talk.client_got(),
              "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(talk.client().closed);
    EXPECT_EQ(talk.server_got(), "");
    EXPECT_EQ(talk.tally().requests.get(), 1U);
}

TEST(LinkErrorAnswer, ClosesWhenTheClientWantsIt) {
    Talk talk(answering());
    talk.ask(get("/", "Connection: close\r\n"));
    EXPECT_NE(talk.client_got().find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(talk.client().closed);
}

TEST(LinkErrorAnswer, ComesAtOnceAndEndsTheConnectionWhenTheClientAsksBeforeItsBody) {
    Talk talk(answering());
    talk.ask("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_NE(talk.client_got().find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(talk.client().closed);
}

TEST(LinkErrorAnswer, HasNoBodyForHead) {
    ErrorSpec spec = answering();
    spec.http.body = "four";
    Talk talk(spec);
    talk.ask("HEAD / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(talk.client_got().ends_with("Content-Length: 4\r\n\r\n"));
}

TEST(LinkErrorAnswer, HasThePlannedInstantOfItsRequest) {
    Talk talk(answering());
    talk.wait(3ms);
    talk.ask(get("/"));
    ASSERT_EQ(talk.client().chunks.size(), 1U);
    EXPECT_EQ(talk.client().chunks[0].at, talk.now());
}

TEST(LinkErrorDelay, HoldsTheRequestAndWhatFollows) {
    Talk talk(acting(ErrorAction::delay, {.path = "/slow"}));
    talk.ask(get("/fast"));
    EXPECT_EQ(talk.server_got(), get("/fast"));
    talk.ask(get("/slow"));
    talk.wait(20ms);
    talk.ask(get("/after"));
    talk.wait(29ms);
    EXPECT_EQ(talk.server_got(), "");
    EXPECT_EQ(talk.held(), (get("/slow") + get("/after")).size());
    talk.wait(1ms);
    EXPECT_EQ(talk.server_got(), get("/slow") + get("/after"));
    EXPECT_EQ(talk.server().chunks.back().at, talk.now());
    talk.ask(get("/later"));
    EXPECT_EQ(talk.server_got(), get("/later"));
    EXPECT_EQ(talk.tally().held_up.get(), 1U);
    EXPECT_EQ(talk.tally().delay_ns.get(), 50'000'000U);
}

TEST(LinkErrorDelay, CountsFromEachRequestsOwnComing) {
    Talk talk(acting(ErrorAction::delay, {.path = "/slow"}));
    talk.ask(get("/slow"));
    talk.wait(30ms);
    talk.ask(get("/slow") + get("/after"));
    talk.wait(20ms);
    EXPECT_EQ(talk.server_got(), get("/slow"));
    talk.wait(29ms);
    EXPECT_EQ(talk.server_got(), "");
    talk.wait(1ms);
    EXPECT_EQ(talk.server_got(), get("/slow") + get("/after"));
}

// The engine may be late: what comes after the delay is over still stays behind what is held.
TEST(LinkErrorDelay, KeepsTheOrderWhenNobodyAdvancedItInTime) {
    const auto effect = make_error(acting(ErrorAction::delay, {.path = "/slow"}));
    ASSERT_TRUE(effect);
    Tally tally;
    const Effect::Stages stages = (*effect)->attach(Random(1), tally);
    RecordingOutlet server;
    stages.up->push({get("/slow"), Instant(10ms)}, server);
    stages.up->push({get("/fast"), Instant(100ms)}, server);
    EXPECT_EQ(server.bytes, "");
    stages.up->advance(Instant(100ms), server);
    EXPECT_EQ(server.bytes, get("/slow") + get("/fast"));
    EXPECT_EQ(server.chunks[0].at, Instant(60ms));
}

TEST(LinkErrorDelay, SparesWhatCameBeforeInTheSameChunk) {
    Talk talk(acting(ErrorAction::delay, {.path = "/slow"}));
    talk.ask(get("/fast") + get("/slow"));
    EXPECT_EQ(talk.server_got(), get("/fast"));
}

TEST(LinkErrorDelay, HoldsTheEndOfTheStreamToo) {
    Talk talk(acting(ErrorAction::delay));
    talk.ask(get("/"));
    talk.client_finishes();
    talk.wait(49ms);
    EXPECT_FALSE(talk.server().finished);
    talk.wait(1ms);
    EXPECT_TRUE(talk.server().finished);
    EXPECT_EQ(talk.server_got(), get("/"));
    EXPECT_EQ(talk.server().finished_at, talk.now());
}

TEST(LinkErrorDelay, HoldsTheRestOfABodyThatIsStillComing) {
    Talk talk(acting(ErrorAction::delay, {.method = "POST"}));
    const std::string request = post("/", "abcdef");
    talk.ask(request.substr(0, request.size() - 3));
    talk.wait(40ms);
    talk.ask(request.substr(request.size() - 3));
    talk.wait(10ms);
    EXPECT_EQ(talk.server_got(), request);
}

TEST(LinkErrorDrop, NeitherForwardsNorAnswers) {
    Talk talk(acting(ErrorAction::drop, {.method = "POST"}));
    talk.ask(post("/", "lost") + get("/kept"));
    EXPECT_EQ(talk.server_got(), get("/kept"));
    talk.answer(ok("kept"));
    EXPECT_EQ(talk.client_got(), ok("kept"));
    EXPECT_EQ(talk.tally().dropped.get(), 1U);
    EXPECT_EQ(talk.tally().answered.get(), 0U);
    EXPECT_FALSE(talk.over());
}

TEST(LinkErrorReset, EndsTheConnectionAtOnce) {
    Talk talk(acting(ErrorAction::reset, {.path = "/broken"}));
    talk.ask(get("/fine") + get("/broken") + get("/never"));
    EXPECT_EQ(talk.server_got(), get("/fine"));
    EXPECT_TRUE(talk.server().was_reset);
    EXPECT_EQ(talk.tally().resets.get(), 1U);
}

TEST(LinkErrorClose, WaitsForEarlierAnswers) {
    Talk talk(acting(ErrorAction::close, {.path = "/broken"}));
    talk.ask(get("/fine") + get("/broken") + get("/never"));
    EXPECT_EQ(talk.server_got(), get("/fine"));
    EXPECT_FALSE(talk.over());
    EXPECT_EQ(talk.tally().closes.get(), 0U);
    talk.answer(ok("fine"));
    EXPECT_EQ(talk.client_got(), ok("fine"));
    EXPECT_TRUE(talk.client().closed);
    EXPECT_EQ(talk.tally().closes.get(), 1U);
}

TEST(LinkErrorCounts, GoOverAllConnections) {
    ErrorSpec spec = answering();
    spec.how_often = {.after = 1, .every = 2, .first = 2};
    Talk one(spec);
    Talk two(one, 2);
    std::string struck;
    for (int index = 0; index < 8; ++index) {
        Talk& talk = index % 2 == 0 ? one : two;
        talk.ask(get("/"));
        struck += talk.client_got().empty() ? '.' : 'x';
        if (struck.back() == '.') talk.answer(ok(""));
        static_cast<void>(talk.client_got());
    }
    EXPECT_EQ(struck, "..x.x...");
}

TEST(LinkErrorCounts, DrawFromTheSeedOfTheConnection) {
    const auto struck = [](std::uint64_t seed) {
        ErrorSpec spec = answering();
        spec.how_often.probability = 0.5;
        Talk talk(spec, Talk::Opened::now, seed);
        std::string all;
        for (int index = 0; index < 100; ++index) {
            talk.ask(get("/"));
            all += talk.client_got().empty() ? '.' : 'x';
            if (all.back() == '.') talk.answer(ok(""));
            static_cast<void>(talk.client_got());
        }
        return all;
    };
    EXPECT_EQ(struck(3), struck(3));
    EXPECT_NE(struck(3), struck(4));
}

}  // namespace
}  // namespace faultline::link::test
