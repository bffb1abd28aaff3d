// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/reset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

std::shared_ptr<Effect> reset(const std::map<std::string, ParameterValue>& written) {
    return made_by(link_reset(), written);
}

TEST(LinkReset, AsWrittenResetsWhatIsOpenAndNothingLater) {
    const auto effect = reset({});
    EXPECT_EQ(effect->open_connections(), OpenConnections::reset);
    EXPECT_EQ(effect->door(), Door::open);
    Tally tally;
    VirtualConnection later;
    later.attach(*effect, tally);
    later.push(Way::up, "a");
    later.run_until(seconds(10));
    EXPECT_FALSE(later.reset_at());
    EXPECT_EQ(later.out(Way::up).bytes(), "a");
}

TEST(LinkReset, ResetsNewOnesAtOnceWhenAsked) {
    Tally tally;
    VirtualConnection later;
    later.attach(*reset({{"new", true}}), tally);
    EXPECT_EQ(later.reset_at(), Duration::zero());
    EXPECT_EQ(tally.resets.get(), 1U);
    EXPECT_TRUE(link_reset().proven(tally));
}

TEST(LinkReset, LetsEachLiveForItsTimeWithoutAnyTraffic) {
    const auto effect = reset({{"open", std::string("later")},
                               {"new", true},
                               {"after_time", Duration(milliseconds(100))}});
    EXPECT_EQ(effect->open_connections(), OpenConnections::keep);
    for (const bool midway : {true, false}) {
        Tally tally;
        VirtualConnection connection;
        connection.run_until(milliseconds(30));
        connection.attach(*effect, tally, Random(1), midway);
        connection.run_until(seconds(1));
        EXPECT_EQ(connection.reset_at(), milliseconds(130));
        EXPECT_EQ(tally.resets.get(), 1U);
        EXPECT_EQ(tally.first(), connection.start() + milliseconds(130));
    }
}

TEST(LinkReset, PassesEverythingUntilThen) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*reset({{"new", true}, {"after_time", Duration(milliseconds(100))}}), tally);
    connection.run_until(milliseconds(99));
    connection.push(Way::up, "abc");
    connection.push(Way::down, "de");
    connection.finish(Way::down);
    EXPECT_EQ(connection.out(Way::up).bytes(), "abc");
    EXPECT_EQ(connection.out(Way::down).bytes(), "de");
    EXPECT_TRUE(connection.out(Way::down).finished);
    connection.jump_to(milliseconds(200));
    EXPECT_EQ(connection.reset_at(), milliseconds(200));
}

TEST(LinkReset, CountsBytesOfBothWaysTogetherOrOfOne) {
    Tally tally;
    VirtualConnection both;
    both.attach(*reset({{"new", true}, {"after_bytes", std::int64_t{10}}}), tally);
    both.push(Way::up, some_bytes(6));
    both.push(Way::down, some_bytes(3));
    EXPECT_FALSE(both.reset_at());
    both.push(Way::down, some_bytes(6));
    EXPECT_TRUE(both.reset_at());
    EXPECT_EQ(both.out(Way::down).bytes().size(), 4U);
    VirtualConnection one;
    one.attach(*reset({{"new", true},
                       {"after_bytes", std::int64_t{10}},
                       {"direction", std::string("upstream")}}),
               tally);
    one.push(Way::down, some_bytes(100));
    EXPECT_FALSE(one.reset_at());
    one.run_until(seconds(3600));
    EXPECT_FALSE(one.reset_at());
    one.push(Way::up, some_bytes(10));
    EXPECT_TRUE(one.reset_at());
    EXPECT_EQ(tally.resets.get(), 2U);
}

TEST(LinkReset, TakesWhicheverComesFirst) {
    const auto effect = reset({{"new", true},
                               {"after_bytes", std::int64_t{10}},
                               {"after_time", Duration(milliseconds(50))}});
    Tally tally;
    VirtualConnection quiet;
    quiet.attach(*effect, tally);
    quiet.run_until(seconds(1));
    EXPECT_EQ(quiet.reset_at(), milliseconds(50));
    VirtualConnection busy;
    busy.attach(*effect, tally);
    busy.run_until(milliseconds(20));
    busy.push(Way::up, some_bytes(20));
    EXPECT_EQ(busy.reset_at(), milliseconds(20));
}

TEST(LinkReset, TellsOpenConnectionsFromNewOnes) {
    const auto hit = [](const Effect::Stages& stages) {
        return stages.up != nullptr || stages.down != nullptr;
    };
    Tally tally;
    const auto only_new = reset({{"open", std::string("keep")}, {"new", true}});
    EXPECT_FALSE(hit(only_new->attach_midway(Random(1), tally)));
    EXPECT_TRUE(hit(only_new->attach(Random(1), tally)));
    const auto only_open =
        reset({{"open", std::string("later")}, {"after_time", Duration(milliseconds(1))}});
    EXPECT_TRUE(hit(only_open->attach_midway(Random(1), tally)));
    EXPECT_FALSE(hit(only_open->attach(Random(1), tally)));
}

TEST(LinkReset, TakenAwayBeforeLetsTheConnectionLive) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*reset({{"new", true}, {"after_time", Duration(milliseconds(50))}}), tally);
    connection.push(Way::up, "a");
    connection.detach(0);
    connection.run_until(seconds(1));
    connection.push(Way::up, "b");
    EXPECT_FALSE(connection.reset_at());
    EXPECT_EQ(connection.out(Way::up).bytes(), "ab");
}

TEST(LinkResetRow, RefusesWhatMakesNoSense) {
    const LinkKind row = link_reset();
    EXPECT_THAT(refusal(row, {{"open", std::string("keep")}}), HasSubstr("set \"new\" to true"));
    EXPECT_THAT(refusal(row, {{"after_time", Duration(seconds(1))}}), HasSubstr("mean nothing"));
    EXPECT_THAT(refusal(row, {{"after_bytes", std::int64_t{1}}}), HasSubstr("mean nothing"));
    EXPECT_THAT(
        refusal(row,
                {{"new", true}, {"after_time", Duration(std::int64_t{9'000'000'000'000'000'000})}}),
        HasSubstr("between 0s and 3600s"));
    EXPECT_THAT(
        refusal(row, {{"new", true}, {"after_bytes", std::int64_t{9'000'000'000'000'000'000}}}),
        HasSubstr("\"after_bytes\""));
    EXPECT_THAT(refusal(row, {{"new", true}, {"after_bytes", std::int64_t{-1}}}),
                HasSubstr("\"after_bytes\""));
}

}  // namespace
}  // namespace faultline::link
