// SPDX-License-Identifier: Apache-2.0
// What is not touched.
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

TEST(LinkErrorPassing, LeavesOtherProtocolsAlone) {
    Talk talk(answering());
    const std::string hello("\x16\x03\x01\x02\x00\x01", 6);
    talk.ask(hello);
    talk.answer("\x16\x03\x03");
    talk.ask(get("/"));
    EXPECT_EQ(talk.server_got(), hello + get("/"));
    EXPECT_EQ(talk.client_got(), "\x16\x03\x03");
    EXPECT_EQ(talk.tally().unparsed.get(), 1U);
    EXPECT_EQ(talk.tally().requests.get(), 0U);
}

TEST(LinkErrorPassing, LeavesAProtocolAloneWhoseServerSpeaksFirst) {
    Talk talk(answering());
    talk.answer("220 smtp.here\r\n");
    talk.ask("EHLO me\r\n");
    talk.answer("250 fine\r\n");
    talk.ask(get("/"));
    EXPECT_EQ(talk.server_got(), "EHLO me\r\n" + get("/"));
    EXPECT_EQ(talk.client_got(), "220 smtp.here\r\n250 fine\r\n");
    EXPECT_EQ(talk.tally().unparsed.get(), 1U);
}

TEST(LinkErrorPassing, GoesOnUntouchedAfterARequestThatIsNotUnderstood) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken") + "GET / HTTP/3.7\r\n\r\n" + get("/broken"));
    EXPECT_EQ(talk.server_got(), get("/1") + "GET / HTTP/3.7\r\n\r\n" + get("/broken"));
    talk.answer(ok("1") + "HTTP/3.7 whatever");
    EXPECT_EQ(talk.client_got(), ok("1") + refusal() + "HTTP/3.7 whatever");
    EXPECT_EQ(talk.tally().unparsed.get(), 1U);
    EXPECT_FALSE(talk.over());
}

TEST(LinkErrorPassing, GoesOnUntouchedAfterAnAnswerThatIsNotUnderstood) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1").substr(0, 10));
    talk.answer("what?");
    EXPECT_EQ(talk.server_got(), get("/1").substr(0, 10)) << "what was kept goes on";
    talk.ask(get("/1").substr(10) + get("/broken"));
    EXPECT_EQ(talk.server_got(), get("/1").substr(10) + get("/broken"));
    EXPECT_EQ(talk.client_got(), "what?");
}

TEST(LinkErrorPassing, CountsAConnectionOnceThatItUnderstandsOnNeitherWay) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + "\x01");
    talk.answer("what?");
    EXPECT_EQ(talk.tally().unparsed.get(), 1U);
}

TEST(LinkErrorPassing, EndsTheConnectionWhenItLosesItsPlaceWhileAnAnswerIsOwed) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken"));
    talk.answer("what?");
    EXPECT_EQ(talk.client_got(), "what?");
    EXPECT_TRUE(talk.client().closed);
}

TEST(LinkErrorPassing, SwallowsARequestToItsEndEvenWhenItLosesItsPlace) {
    Talk talk(acting(ErrorAction::drop, {.method = "POST"}));
    const std::string request = post("/", "abcdef");
    talk.ask(request.substr(0, request.size() - 3));
    talk.answer("what?");
    talk.ask("def" + get("/"));
    EXPECT_EQ(talk.server_got(), get("/"));
}

TEST(LinkErrorPassing, EndsTheConnectionWhenTheEndOfASwallowedBodyCannotBeFound) {
    Talk talk(answering());
    talk.ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnot hexadecimal");
    EXPECT_NE(talk.client_got().find("Connection: close"), std::string::npos);
    EXPECT_TRUE(talk.client().closed);
    Talk dropping(acting(ErrorAction::drop));
    dropping.ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnot hexadecimal");
    EXPECT_EQ(dropping.client_got(), "");
    EXPECT_TRUE(dropping.client().closed);
}

TEST(LinkErrorPassing, GoesOnUntouchedAfterABrokenBody) {
    Talk talk(answering({.path = "/broken"}));
    const std::string bad = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh";
    talk.ask(bad + get("/broken"));
    EXPECT_EQ(talk.server_got(), bad + get("/broken"));
    EXPECT_EQ(talk.tally().unparsed.get(), 1U);
}

TEST(LinkErrorPassing, LeavesTunnelsAlone) {
    Talk talk(answering({.path = "/broken"}));
    const std::string connect = "CONNECT a:443 HTTP/1.1\r\n\r\n";
    talk.ask(get("/1") + get("/broken") + connect + get("/broken"));
    EXPECT_EQ(talk.server_got(), get("/1") + connect + get("/broken"));
    talk.answer(ok("1") + "HTTP/1.1 200 Fine\r\n\r\n\x16\x03");
    EXPECT_EQ(talk.client_got(), ok("1") + refusal() + "HTTP/1.1 200 Fine\r\n\r\n\x16\x03");
    EXPECT_FALSE(talk.over());
}

TEST(LinkErrorPassing, LeavesUpgradedConnectionsAlone) {
    Talk talk(answering({.path = "/broken"}));
    const std::string upgrade = get("/chat", "Connection: upgrade\r\nUpgrade: websocket\r\n");
    talk.ask(upgrade);
    talk.answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05");
    talk.ask(get("/broken"));
    EXPECT_EQ(talk.server_got(), upgrade + get("/broken"));
    EXPECT_EQ(talk.tally().unparsed.get(), 1U);
    Talk refused(answering({.path = "/broken"}));
    refused.ask(upgrade);
    refused.answer(ok("no upgrade"));
    refused.ask(get("/broken"));
    EXPECT_EQ(refused.client_got(), ok("no upgrade") + refusal()) << "it is still HTTP/1.1";
}

TEST(LinkErrorPassing, LeavesRedisAloneOnceItPushes) {
    const std::vector<std::vector<std::string_view>> commands{{"SUBSCRIBE", "news"},
                                                              {"MONITOR"},
                                                              {"PSYNC", "?", "-1"},
                                                              {"HELLO", "3"},
                                                              {"CLIENT", "REPLY", "OFF"}};
    for (const auto& words : commands) {
        Talk talk(answering({.commands = {"SET"}}));
        const std::string set = command_text({"SET", "a", "1"});
        const std::string ping = command_text({"PING"});
        const std::string leading = command_text(words);
        talk.ask(ping + set + leading + set);
        EXPECT_EQ(talk.server_got(), ping + leading + set) << words[0];
        talk.answer("+PONG\r\n>3\r\nanything");
        EXPECT_EQ(talk.client_got(), "+PONG\r\n" + std::string(redis_refusal) + ">3\r\nanything");
        EXPECT_EQ(talk.tally().unparsed.get(), 1U);
    }
}

TEST(LinkErrorPassing, StreamsBodiesAndBulks) {
    Talk http(answering({.path = "/broken"}));
    http.ask("PUT / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n");
    Talk redis(answering({.commands = {"GET"}}));
    redis.ask("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100000000\r\n");
    const std::string piece(100'000, 'x');
    for (int index = 0; index < 1000; ++index) {
        for (Talk* talk : {&http, &redis}) {
            talk->ask(piece);
            ASSERT_EQ(talk->held(), 0U);
            ASSERT_EQ(talk->server().chunks.back().bytes.size(), piece.size()) << "in one piece";
        }
    }
    http.ask(get("/broken"));
    redis.ask("\r\n" + command_text({"GET", "a"}));
    redis.answer("+OK\r\n");
    http.answer(ok(""));
    EXPECT_EQ(http.client_got(), ok("") + refusal());
    EXPECT_EQ(redis.client_got(), "+OK\r\n" + std::string(redis_refusal));
}

TEST(LinkErrorPassing, KeepsAHeadOnlyUpToItsBound) {
    Talk talk(answering({.path = "/broken"}));
    std::string sent = "GET / HTTP/1.1\r\nX: ";
    talk.ask(sent);
    const std::string piece(1000, 'x');
    for (int index = 0; index < 70; ++index) {
        talk.ask(piece);
        sent += piece;
        ASSERT_LE(talk.held(), head_bytes_max);
    }
    EXPECT_EQ(talk.server_got(), sent);
    EXPECT_EQ(talk.tally().unparsed.get(), 1U);
}

TEST(LinkErrorPassing, PassesTheBeginOfAHeadWhenNoMoreComes) {
    Talk talk(answering());
    talk.ask("GET / HT");
    EXPECT_EQ(talk.server_got(), "");
    talk.client_finishes();
    EXPECT_EQ(talk.server_got(), "GET / HT");
    EXPECT_TRUE(talk.server().finished);
}

TEST(LinkErrorPassing, KeepsHalfClosedConnectionsGoing) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken"));
    talk.client_finishes();
    EXPECT_TRUE(talk.server().finished);
    talk.answer(ok("1"));
    EXPECT_EQ(talk.client_got(), ok("1") + refusal());
    talk.server_finishes();
    EXPECT_TRUE(talk.client().finished);
    EXPECT_FALSE(talk.over());
}

TEST(LinkErrorPassing, ForgetsARequestThatTheClientDoesNotFinish) {
    Talk talk(answering());
    const std::string request = post("/", "abcdef");
    talk.ask(request.substr(0, request.size() - 3));
    talk.client_finishes();
    EXPECT_TRUE(talk.server().finished);
    EXPECT_EQ(talk.server_got() + talk.client_got(), "");
    talk.retire();
    EXPECT_TRUE(talk.gone());
    EXPECT_FALSE(talk.over());
}

TEST(LinkErrorPassing, StrikesNothingOnceTheServerHasFinished) {
    Talk talk(answering());
    talk.ask(get("/"));
    talk.ask("GET / ");
    talk.server_finishes();
    EXPECT_EQ(talk.server_got(), "GET / ");
    talk.ask("HTTP/1.1\r\n\r\n" + get("/"));
    EXPECT_EQ(talk.server_got(), "HTTP/1.1\r\n\r\n" + get("/"));
    EXPECT_EQ(talk.tally().answered.get(), 1U);
}

}  // namespace
}  // namespace faultline::link::test
