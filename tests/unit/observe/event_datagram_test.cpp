// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/event_datagram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

const Instant opened = instant_of(1'000'000'000);
const Instant arrived = instant_of(5'000'000'000);

std::optional<Event> decode(std::string_view text) {
    return decode_event(text, arrived, opened);
}

TEST(EventDatagram, BecomesAnEventWithTheSendersStamp) {
    const auto event =
        decode(R"({"event":"detected","at":4000000000,"from":"kv[1]","cause":"crash"})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->name, "detected");
    EXPECT_EQ(event->at, instant_of(4'000'000'000));
    EXPECT_EQ(event->seen, arrived);
    EXPECT_EQ(event->source, EventSource::target);
    EXPECT_EQ(event->instance, "kv[1]");
    EXPECT_THAT(event->fields, testing::ElementsAre(testing::Pair("cause", "crash")));
}

TEST(EventDatagram, HappenedAtItsArrivalWhenItDoesNotSay) {
    const auto event = decode(R"({"event":"ready"})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->at, arrived);
    EXPECT_TRUE(event->fields.empty());
}

TEST(EventDatagram, KeepsNumbersAndStructuresAsTheirJsonText) {
    const auto event = decode(R"({"event":"e","n":1.5,"yes":true,"none":null,"list":[1,"a"]})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->fields.at("n"), "1.5");
    EXPECT_EQ(event->fields.at("yes"), "true");
    EXPECT_EQ(event->fields.at("none"), "null");
    EXPECT_EQ(event->fields.at("list"), R"([1,"a"])");
}

TEST(EventDatagram, ClampsStampsThatCannotBeTrueToTheArrival) {
    for (const char* claimed : {"5000000001",
                                "999999999",
                                "-1",
                                "18446744073709551615",
                                "1e300",
                                "4000000000.5",
                                "\"4000000000\""}) {
        const auto event = decode(std::string(R"({"event":"e","at":)") + claimed + "}");
        ASSERT_TRUE(event) << claimed;
        EXPECT_EQ(event->at, arrived) << claimed;
        EXPECT_EQ(event->fields.at("clock"), "clamped") << claimed;
        EXPECT_TRUE(event->fields.contains("claimed_at")) << claimed;
    }
}

TEST(EventDatagram, IsMalformedWithoutAnObjectThatNamesAnEvent) {
    for (const char* text : {"",
                             "hello",
                             "[]",
                             "1",
                             "{}",
                             R"({"event":7})",
                             R"({"event":""})",
                             R"({"event":"x")",
                             "{\"event\":\"\xFF\"}"}) {
        EXPECT_FALSE(decode(text)) << text;
    }
}

TEST(EventDatagram, IsShortenedToPrintableTextForMessages) {
    EXPECT_EQ(shortened("abc\n\xFF"), "abc\\x0a\\xff");
    const std::string text = shortened(std::string(5000, 'x'));
    EXPECT_THAT(text, testing::EndsWith("x... (5000 bytes)"));
    EXPECT_LT(text.size(), 120U);
}

}  // namespace
}  // namespace faultline
