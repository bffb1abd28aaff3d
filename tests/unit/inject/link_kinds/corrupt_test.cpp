// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/corrupt.hpp"

#include <bit>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/bit_flips.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using ::testing::HasSubstr;

/// In how many bits two texts of one length differ.
std::uint64_t difference(const std::string& a, const std::string& b) {
    EXPECT_EQ(a.size(), b.size());
    std::uint64_t bits = 0;
    for (std::size_t index = 0; index < a.size() && index < b.size(); ++index) {
        const auto differing = static_cast<unsigned char>(a[index] ^ b[index]);
        bits += static_cast<std::uint64_t>(std::popcount(differing));
    }
    return bits;
}

/// What becomes of a stream read in pieces of `read` bytes.
std::string flipped(double share, const std::string& sent, std::size_t read, std::uint64_t seed) {
    BitFlips flips(share, Random(seed));
    std::string got;
    std::uint64_t count = 0;
    for (std::size_t at = 0; at < sent.size(); at += read) {
        std::string piece = sent.substr(at, read);
        count += flips.apply(piece);
        got += piece;
    }
    EXPECT_EQ(count, difference(sent, got));
    return got;
}

TEST(BitFlips, FlipTheirShareOfBits) {
    const std::string sent = some_bytes(1'000'000);
    for (const double share : {1e-5, 1e-3, 0.1, 0.5}) {
        const double expected = share * 8e6;
        const auto found =
            static_cast<double>(difference(sent, flipped(share, sent, sent.size(), 1)));
        EXPECT_NEAR(found, expected, 5 * std::sqrt(expected)) << share;
    }
    EXPECT_EQ(difference(sent, flipped(1, sent, sent.size(), 1)), 8'000'000U);
}

TEST(BitFlips, HitTheSamePlacesHoweverTheBytesWereRead) {
    const std::string sent = some_bytes(100'000);
    const std::string whole = flipped(1e-3, sent, sent.size(), 7);
    for (const std::size_t read : {1U, 13U, 4096U})
        EXPECT_EQ(flipped(1e-3, sent, read, 7), whole) << read;
    EXPECT_NE(flipped(1e-3, sent, sent.size(), 8), whole);
}

TEST(BitFlips, AreRareWhenTheyAreRare) {
    BitFlips flips(flip_share_min, Random(1));
    std::string bytes(1 << 20, 'x');
    EXPECT_EQ(flips.apply(bytes), 0U);
    EXPECT_EQ(bytes, std::string(1 << 20, 'x'));
}

TEST(LinkCorrupt, CountsExactlyWhatItFlipped) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_corrupt({.share = 1e-4}), tally, Random(2));
    std::string sent;
    for (std::uint64_t i = 0; i < 200; ++i) {
        sent += some_bytes(1000, i);
        connection.push(Way::up, some_bytes(1000, i));
    }
    EXPECT_EQ(tally.bits.get(), difference(sent, connection.out(Way::up).bytes()));
    EXPECT_GT(tally.bits.get(), 0U);
    EXPECT_GT(tally.chunks.get(), 0U);
    EXPECT_LT(tally.chunks.get(), 200U);
    EXPECT_TRUE(link_corrupt().proven(tally));
    EXPECT_THAT(link_corrupt().account(tally), HasSubstr(" flipped in "));
}

TEST(LinkCorrupt, CountsNoEffectWhereNothingWasFlipped) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_corrupt({.share = flip_share_min}), tally);
    connection.push(Way::up, some_bytes(1000));
    EXPECT_EQ(connection.out(Way::up).bytes(), some_bytes(1000));
    EXPECT_EQ(tally.chunks.get(), 0U);
    EXPECT_FALSE(tally.first());
    EXPECT_FALSE(link_corrupt().proven(tally));
}

TEST(LinkCorrupt, CorruptsItsWayOnlyAndEndsWithItsRemoval) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_corrupt({.share = 1, .ways = {.up = false}}), tally);
    connection.push(Way::up, "a");
    connection.push(Way::down, "a");
    connection.detach(0);
    connection.push(Way::down, "a");
    EXPECT_EQ(connection.out(Way::up).bytes(), "a");
    EXPECT_EQ(connection.out(Way::down).bytes(), std::string("\x9e") + "a");
    EXPECT_EQ(tally.bits.get(), 8U);
}

TEST(LinkCorruptRow, TakesARateOrBytesBetweenFlips) {
    for (const auto& [name, value] :
         {std::pair<std::string, ParameterValue>{"rate", 1e-3},
          std::pair<std::string, ParameterValue>{"every", std::int64_t{125}}}) {
        Tally tally;
        VirtualConnection connection;
        connection.attach(*made_by(link_corrupt(), {{name, value}}), tally, Random(4));
        connection.push(Way::up, std::string(1'000'000, 'x'));
        EXPECT_NEAR(static_cast<double>(tally.bits.get()), 8000, 400) << name;
    }
}

TEST(LinkCorruptRow, RefusesWhatMakesNoSense) {
    const LinkKind row = link_corrupt();
    EXPECT_THAT(refusal(row, {}), HasSubstr("say how much is flipped"));
    EXPECT_THAT(refusal(row, {{"rate", 0.1}, {"every", std::int64_t{1}}}),
                HasSubstr("one of them"));
    EXPECT_THAT(refusal(row, {{"rate", 1.5}}), HasSubstr("between 1e-13 and 1"));
    EXPECT_THAT(refusal(row, {{"rate", 1e-20}}), HasSubstr("\"rate\""));
    EXPECT_THAT(refusal(row, {{"rate", -1.0}}), HasSubstr("say how much"));
    EXPECT_THAT(refusal(row, {{"every", std::int64_t{9'000'000'000'000'000'000}}}),
                HasSubstr("\"every\""));
    EXPECT_THAT(refusal(row, {{"every", std::int64_t{-5}}}), HasSubstr("\"every\""));
    EXPECT_FALSE(make_corrupt({.share = std::nan("")}));
}

}  // namespace
}  // namespace faultline::link
