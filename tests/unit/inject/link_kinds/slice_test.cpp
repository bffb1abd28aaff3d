// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/slice.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Where a stream was cut: the offsets at which chunks begin, when it was written in pieces of
/// `read` bytes, each after the last has gone.
std::set<std::size_t> cuts(const SliceSpec& spec,
                           const std::string& sent,
                           std::size_t read,
                           std::uint64_t seed) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slice(spec), tally, Random(seed));
    for (std::size_t at = 0; at < sent.size(); at += read) {
        connection.push(Way::up, sent.substr(at, read));
        connection.run_until(connection.time() + seconds(100));
    }
    EXPECT_EQ(connection.out(Way::up).bytes(), sent);
    std::set<std::size_t> offsets;
    std::size_t offset = 0;
    for (const Chunk& chunk : connection.out(Way::up).chunks) {
        offset += chunk.bytes.size();
        // Reads end chunks too; those are no cuts.
        if (offset % read != 0 && offset != sent.size()) offsets.insert(offset);
    }
    return offsets;
}

TEST(LinkSlice, CutsIntoSlicesOfTheirSize) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slice({.average = 10}), tally);
    connection.push(Way::up, some_bytes(25));
    std::vector<std::size_t> sizes;
    for (const Chunk& chunk : connection.out(Way::up).chunks)
        sizes.push_back(chunk.bytes.size());
    EXPECT_THAT(sizes, ElementsAre(10U, 10U, 5U));
    EXPECT_EQ(connection.out(Way::up).bytes(), some_bytes(25));
    EXPECT_EQ(tally.chunks.get(), 1U);
    EXPECT_EQ(tally.delay_ns.get(), 0U);
}

TEST(LinkSlice, VariesSizesUniformly) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slice({.average = 10, .variation = 4}), tally, Random(3));
    connection.push(Way::up, std::string(100'000, 'x'));
    std::map<std::size_t, int> sizes;
    const auto& chunks = connection.out(Way::up).chunks;
    for (std::size_t index = 0; index + 1 < chunks.size(); ++index)
        ++sizes[chunks[index].bytes.size()];
    EXPECT_EQ(sizes.begin()->first, 6U);
    EXPECT_EQ(sizes.rbegin()->first, 14U);
    EXPECT_EQ(sizes.size(), 9U);
    for (const auto& [size, count] : sizes)
        EXPECT_NEAR(count, 100'000 / 10 / 9, 150) << size;
}

TEST(LinkSlice, NeverMakesAnEmptySlice) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slice({.average = 1, .variation = 1}), tally, Random(3));
    connection.push(Way::up, some_bytes(1000));
    EXPECT_EQ(connection.out(Way::up).bytes(), some_bytes(1000));
}

TEST(LinkSlice, CutsAtTheSameOffsetsHoweverTheBytesWereRead) {
    const SliceSpec spec{.average = 100, .variation = 90, .delay = milliseconds(1)};
    const std::string sent = some_bytes(9973);  // a prime: no read size divides it
    const auto whole = cuts(spec, sent, sent.size(), 5);
    EXPECT_GT(whole.size(), 60U);
    EXPECT_NE(whole, cuts(spec, sent, sent.size(), 6));
    for (const std::size_t read : {7U, 64U, 1000U}) {
        auto expected = whole;
        std::erase_if(expected, [read](std::size_t offset) { return offset % read == 0; });
        EXPECT_EQ(cuts(spec, sent, read, 5), expected) << read;
    }
}

TEST(LinkSlice, WaitsBetweenSlicesButNotWithinOne) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slice({.average = 10, .delay = milliseconds(20)}), tally);
    connection.push(Way::up, std::string(4, 'a'));
    connection.run_until(milliseconds(5));
    connection.push(Way::up, std::string(6, 'a'));  // completes the first slice
    connection.push(Way::up, std::string(15, 'b'));
    connection.run_until(milliseconds(7));
    connection.push(Way::up, std::string(1, 'c'));  // joins the third
    connection.finish(Way::up);
    connection.run_until(milliseconds(100));
    EXPECT_THAT(connection.out(Way::up).instants(),
                ElementsAre(Duration::zero(),
                            milliseconds(5),
                            milliseconds(25),
                            milliseconds(45),
                            milliseconds(45)));
    EXPECT_EQ(connection.out(Way::up).finished, connection.start() + milliseconds(45));
}

TEST(LinkSlice, PassesUntouchedWhatFitsIntoASlice) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slice({.average = 1000}), tally);
    for (int i = 0; i < 9; ++i)
        connection.push(Way::up, some_bytes(100));
    EXPECT_EQ(tally.chunks.get(), 0U);
    EXPECT_FALSE(link_slice().proven(tally));
    connection.push(Way::up, some_bytes(101));
    EXPECT_EQ(tally.chunks.get(), 1U);
    EXPECT_TRUE(link_slice().proven(tally));
}

TEST(LinkSlice, StopsTheSenderAndPassesAllOnWhenItIsTakenAway) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slice({.average = 1, .delay = seconds(1)}), tally);
    const std::string sent = some_bytes(300'000);
    connection.push(Way::up, sent);
    EXPECT_FALSE(connection.accepts(Way::up));
    connection.finish(Way::up);
    connection.run_until(seconds(10));
    EXPECT_EQ(connection.out(Way::up).bytes().size(), 11U);
    connection.detach(0);
    EXPECT_EQ(connection.out(Way::up).bytes(), sent);
    EXPECT_EQ(connection.out(Way::up).finished, connection.start() + seconds(10));
}

TEST(LinkSliceRow, RefusesWhatMakesNoSense) {
    const LinkKind row = link_slice();
    const std::int64_t huge = 9'000'000'000'000'000'000;
    EXPECT_THAT(refusal(row, {{"average", std::int64_t{0}}}),
                HasSubstr("between 1 B and 1.00 GiB"));
    EXPECT_THAT(refusal(row, {{"average", huge}}), HasSubstr("\"average\""));
    EXPECT_THAT(refusal(row, {{"average", std::int64_t{10}}, {"variation", std::int64_t{11}}}),
                HasSubstr("\"variation\" is 11 B, it must be between 0 B and 10 B"));
    EXPECT_THAT(refusal(row, {{"average", std::int64_t{10}}, {"variation", std::int64_t{-1}}}),
                HasSubstr("\"variation\""));
    EXPECT_THAT(refusal(row, {{"average", std::int64_t{10}}, {"delay", Duration(huge)}}),
                HasSubstr("\"delay\""));
}

TEST(LinkSliceRow, MakesWhatItsParametersSay) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*made_by(link_slice(),
                               {{"average", std::int64_t{3}},
                                {"delay", Duration(milliseconds(10))},
                                {"direction", std::string("downstream")}}),
                      tally);
    connection.push(Way::up, "abcdef");
    connection.push(Way::down, "abcdef");
    EXPECT_EQ(connection.out(Way::up).chunks.size(), 1U);
    connection.run_until(milliseconds(10));
    EXPECT_THAT(connection.out(Way::down).instants(),
                ElementsAre(Duration::zero(), milliseconds(10)));
    EXPECT_THAT(link_slice().account(tally), HasSubstr("1 chunk (6 B) cut, delayed by 10.0 ms"));
}

}  // namespace
}  // namespace faultline::link
