// SPDX-License-Identifier: Apache-2.0
// The effect is taken away in the middle of things.
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

using namespace std::chrono_literals;

TEST(LinkErrorRemoval, LeavesAtOnceWhereNothingWasBegun) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/2").substr(0, 7));
    talk.retire();
    EXPECT_TRUE(talk.gone());
    talk.ask(get("/2").substr(7) + get("/broken"));
    EXPECT_EQ(talk.server_got(), get("/1") + get("/2") + get("/broken"));
    EXPECT_FALSE(talk.over());
}

TEST(LinkErrorRemoval, LetsWhatIsHeldGoOnInOrder) {
    for (const bool gently : {true, false}) {
        Talk talk(acting(ErrorAction::delay));
        talk.ask(get("/1"));
        talk.wait(10ms);
        talk.ask(get("/2") + "GET ");
        talk.client_finishes();
        gently ? talk.retire() : talk.release();
        EXPECT_TRUE(talk.gone());
        EXPECT_EQ(talk.server_got(), get("/1") + get("/2") + "GET ");
        EXPECT_TRUE(talk.server().finished);
        EXPECT_FALSE(talk.over());
    }
}

TEST(LinkErrorRemoval, GivesOwedAnswersInTheirTurnWhenItMayStay) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken") + get("/2"));
    talk.retire();
    EXPECT_FALSE(talk.gone());
    talk.ask(get("/broken"));
    EXPECT_EQ(talk.server_got(), get("/1") + get("/2") + get("/broken"));
    talk.answer(ok("1") + ok("2"));
    EXPECT_EQ(talk.client_got(), ok("1") + refusal() + ok("2"));
    EXPECT_TRUE(talk.gone());
    EXPECT_FALSE(talk.over());
}

TEST(LinkErrorRemoval, EndsTheConnectionWithOwedAnswersWhenItMustGo) {
    Talk talk(answering({.path = "/broken"}));
    talk.ask(get("/1") + get("/broken"));
    talk.release();
    EXPECT_EQ(talk.client_got(), "");
    EXPECT_TRUE(talk.client().closed);
}

TEST(LinkErrorRemoval, ReadsASwallowedRequestToItsEndWhenItMayStay) {
    for (const ErrorAction action : {ErrorAction::answer, ErrorAction::drop}) {
        Talk talk(acting(action, {.method = "POST"}));
        const std::string request = post("/", "abcdef");
        talk.ask(request.substr(0, request.size() - 3));
        talk.retire();
        EXPECT_FALSE(talk.gone());
        talk.ask("def" + post("/", "next"));
        EXPECT_EQ(talk.server_got(), post("/", "next"));
        EXPECT_EQ(talk.client_got(), action == ErrorAction::answer ? refusal() : "");
        EXPECT_TRUE(talk.gone());
    }
}

TEST(LinkErrorRemoval, AnswersAndClosesAHalfSwallowedRequestWhenItMustGo) {
    Talk talk(answering());
    const std::string request = post("/", "abcdef");
    talk.ask(request.substr(0, request.size() - 3));
    talk.release();
    EXPECT_EQ(talk.client_got(),
              "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(talk.client().closed);
    EXPECT_EQ(talk.server_got(), "");
    Talk dropping(acting(ErrorAction::drop));
    dropping.ask(request.substr(0, request.size() - 3));
    dropping.release();
    EXPECT_EQ(dropping.client_got(), "");
    EXPECT_TRUE(dropping.client().closed);
}

TEST(LinkErrorRemoval, LeavesAForwardedBodyAlone) {
    for (const bool gently : {true, false}) {
        Talk talk(answering({.path = "/broken"}));
        const std::string request = post("/", "abcdef");
        talk.ask(request.substr(0, request.size() - 3));
        gently ? talk.retire() : talk.release();
        EXPECT_TRUE(talk.gone());
        talk.ask("def");
        talk.answer(ok(""));
        EXPECT_EQ(talk.server_got(), request);
        EXPECT_EQ(talk.client_got(), ok(""));
    }
}

TEST(LinkErrorRemoval, StillEndsAConnectionThatWasToEnd) {
    Talk talk(acting(ErrorAction::close, {.path = "/broken"}));
    talk.ask(get("/1") + get("/broken"));
    talk.retire();
    EXPECT_FALSE(talk.gone());
    talk.ask(get("/2"));
    EXPECT_EQ(talk.server_got(), get("/1"));
    talk.answer(ok("1"));
    EXPECT_EQ(talk.client_got(), ok("1"));
    EXPECT_TRUE(talk.client().closed);
}

// Wherever the effect is taken away, each end has seen whole messages in order, or a connection
// that ended.
TEST(LinkErrorRemoval, KeepsBothWaysConsistentAtEveryByte) {
    const std::string first = command_text({"GET", "a"});
    const std::string struck = command_text({"SET", "a", "value"});
    const std::string last = command_text({"GET", "b"});
    const std::string requests = first + struck + last;
    const std::string answered = "$1\r\n1\r\n" + std::string(redis_refusal) + "$1\r\n2\r\n";
    for (const ErrorAction action : {ErrorAction::answer, ErrorAction::delay, ErrorAction::drop}) {
        for (std::size_t cut = 0; cut <= requests.size(); ++cut) {
            for (const bool gently : {true, false}) {
                Talk talk(acting(action, {.commands = {"SET"}}));
                talk.ask(requests.substr(0, cut));
                gently ? talk.retire() : talk.release();
                talk.ask(requests.substr(cut));
                talk.wait(1s);
                const std::string forwarded = talk.server_got();
                // The server answers what it can read.
                if (forwarded.starts_with(first)) talk.answer("$1\r\n1\r\n");
                const bool untouched = forwarded == requests;
                if (untouched) talk.answer("+OK\r\n");
                if (forwarded.ends_with(last)) talk.answer("$1\r\n2\r\n");
                EXPECT_TRUE(untouched || forwarded == first + last || talk.over())
                    << cut << " " << forwarded;
                EXPECT_FALSE(gently && talk.over()) << cut;
                if (talk.over() || untouched) continue;
                EXPECT_EQ(talk.client_got(),
                          action == ErrorAction::answer ? answered : "$1\r\n1\r\n$1\r\n2\r\n")
                    << cut;
                EXPECT_TRUE(talk.gone()) << cut;
            }
        }
    }
}

}  // namespace
}  // namespace faultline::link::test
