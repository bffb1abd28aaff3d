// SPDX-License-Identifier: Apache-2.0
// The kind as a scenario sees it.
#include "harness/inject/link/protocol/link_error.hpp"

#include <gtest/gtest.h>

#include "harness/scenario/parameter_values.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

using namespace std::chrono_literals;
using Fields = std::map<std::string, std::string>;

Parameters defaults() {
    Parameters parameters;
    for (const Parameter& parameter : link_error().kind.parameters) {
        auto value = default_of(parameter);
        if (value) parameters.set(parameter.name, std::move(*value));
    }
    return parameters;
}

std::string mistake_of(const Parameters& parameters) {
    const auto made = link_error().make(parameters);
    return made ? "" : made.error().message;
}

TEST(LinkErrorKind, FitsTheCatalog) {
    const Kind kind = link_error().kind;
    Catalog catalog;
    catalog.faults.push_back(kind);
    const auto good = check_catalog(catalog);
    EXPECT_TRUE(good) << good.error().message;
    EXPECT_TRUE(kind.on_links && kind.clears);
    for (const Parameter& parameter : kind.parameters)
        EXPECT_TRUE(default_of(parameter)) << parameter.name << " has no default";
}

TEST(LinkErrorKind, AnswersEverythingByDefault) {
    EXPECT_EQ(mistake_of(defaults()), "");
    const auto made = link_error().make(defaults());
    ASSERT_TRUE(made);
    Tally tally;
    auto stages = (*made)->attach(Random(1), tally);
    RecordingOutlet server;
    stages.up->push({get("/"), Instant()}, server);
    RecordingOutlet client;
    ASSERT_LE(stages.down->wake(), Instant());
    stages.down->advance(Instant(), client);
    EXPECT_EQ(client.bytes,
              "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
              "Content-Length: 21\r\n\r\ninjected by faultline");
}

TEST(LinkErrorKind, ReadsEveryParameter) {
    Parameters given = defaults();
    given.set("protocol", std::string("http"));
    given.set("method", std::string("GET"));
    given.set("path", std::string("/a"));
    given.set("path_matches", std::string("b=\\d"));
    given.set("header", Fields{{"X-User", "ann"}});
    given.set("after_requests", std::int64_t{1});
    given.set("every", std::int64_t{2});
    given.set("first", std::int64_t{1});
    given.set("status", std::int64_t{429});
    given.set("headers", Fields{{"Retry-After", "1"}});
    given.set("body", std::string());
    given.set("connection", std::string("close"));
    const auto made = link_error().make(given);
    ASSERT_TRUE(made) << made.error().message;
    Tally tally;
    auto stages = (*made)->attach(Random(1), tally);
    RecordingOutlet server;
    RecordingOutlet client;
    const std::string matching = get("/a?b=1", "X-User: ann\r\n");
    const std::string other = get("/a?b=c", "X-User: ann\r\n");
    stages.up->push({matching + matching + other, Instant()}, server);
    EXPECT_EQ(server.bytes, matching + matching + other);
    stages.up->push({matching, Instant()}, server);
    stages.down->push({ok("") + ok("") + ok(""), Instant()}, client);
    EXPECT_EQ(client.bytes,
              ok("") + ok("") + ok("") +
                  "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
                  "Connection: close\r\n\r\n");
    EXPECT_TRUE(client.closed);
    EXPECT_TRUE(link_error().proven(tally));
    EXPECT_EQ(link_error().account(tally), "1 of 4 requests answered with 429");
}

TEST(LinkErrorKind, RefusesContradictions) {
    Parameters given = defaults();
    given.set("delay", Duration(5ms));
    EXPECT_NE(mistake_of(given).find("the action is not to delay"), std::string::npos);
    given.set("action", std::string("delay"));
    EXPECT_EQ(mistake_of(given), "");
    given.set("delay", Duration(0));
    EXPECT_NE(mistake_of(given).find("above 0"), std::string::npos);
    given = defaults();
    given.set("key", std::string("a"));
    given.set("method", std::string("GET"));
    EXPECT_NE(mistake_of(given).find("both"), std::string::npos);
    given = defaults();
    given.set("reply", std::string("-ERR a\nb"));
    EXPECT_NE(mistake_of(given).find("line ends"), std::string::npos);
    given = defaults();
    given.set("headers", Fields{{"A B", ""}});
    EXPECT_NE(mistake_of(given).find("not the name"), std::string::npos);
}

TEST(LinkErrorKind, MakesNoEffectFromNumbersOutOfRange) {
    ErrorSpec spec;
    spec.how_often.every = 0;
    EXPECT_FALSE(make_error(spec));
    spec.how_often = {.probability = 1.5};
    EXPECT_FALSE(make_error(spec));
    spec.how_often = {};
    spec.http.status = 1000;
    EXPECT_FALSE(make_error(spec));
}

TEST(LinkErrorKind, ProvesNothingWhereNothingWasStruck) {
    Tally tally;
    tally.requests.add(40);
    tally.unparsed.add(2);
    EXPECT_FALSE(link_error().proven(tally));
    EXPECT_EQ(link_error().account(tally),
              "0 of 40 requests struck, 2 connections passed untouched, wholly or from some point "
              "on");
}

TEST(LinkErrorKind, AccountsForWhatItDid) {
    Tally tally;
    tally.requests.add(2000);
    tally.answered.add(12);
    EXPECT_EQ(link_error().account(tally), "12 of 2,000 requests answered instead of the server");
    tally.note_status(503);
    EXPECT_EQ(link_error().account(tally), "12 of 2,000 requests answered with 503");
    Tally delays;
    delays.requests.add(3);
    delays.held_up.add(2);
    delays.delay_ns.add(100'000'000);
    EXPECT_EQ(link_error().account(delays), "2 of 3 requests delayed by 50.0 ms");
    EXPECT_TRUE(link_error().proven(delays));
    Tally rest;
    rest.requests.add(3);
    rest.dropped.add();
    rest.closes.add();
    rest.resets.add();
    EXPECT_EQ(link_error().account(rest),
              "1 of 3 requests dropped, 1 connections closed, 1 connections reset");
}

}  // namespace
}  // namespace faultline::link::test
