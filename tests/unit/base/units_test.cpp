// SPDX-License-Identifier: Apache-2.0
#include "harness/base/units.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ParseDuration, ReadsEveryUnitAndDecimals) {
    const std::vector<std::pair<std::string, Duration>> cases{{"0ms", 0ns},
                                                              {"7ns", 7ns},
                                                              {"250us", 250us},
                                                              {"150ms", 150ms},
                                                              {"1.5s", 1500ms},
                                                              {"2min", 2min},
                                                              {"0.5h", 30min}};
    for (const auto& [text, span] : cases) {
        const auto parsed = parse_duration(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, span) << text;
    }
}

TEST(ParseDuration, RefusesWhatIsNotASpan) {
    for (const std::string text :
         {"", "150", "ms", "150 ms", "-1s", "1e3s", "1.5.2s", "5sec", "nans", "infs", "0x10s"}) {
        const auto parsed = parse_duration(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
        EXPECT_THAT(parsed.error().message, AllOf(HasSubstr('"' + text + '"'), HasSubstr("150ms")));
    }
    EXPECT_FALSE(parse_duration("9999999h"));
}

TEST(ParseRate, ReadsPerSecondWhateverTheUnit) {
    EXPECT_DOUBLE_EQ(*parse_rate("2000/s"), 2000);
    EXPECT_DOUBLE_EQ(*parse_rate("2/ms"), 2000);
    EXPECT_DOUBLE_EQ(*parse_rate("30/min"), 0.5);
    EXPECT_FALSE(parse_rate("2000"));
    EXPECT_FALSE(parse_rate("2000/h"));
}

TEST(ParseBytes, TellsPowersOfTwoFromPowersOfTen) {
    EXPECT_EQ(*parse_bytes("12B"), 12U);
    EXPECT_EQ(*parse_bytes("64KB"), 64'000U);
    EXPECT_EQ(*parse_bytes("64KiB"), 65'536U);
    EXPECT_EQ(*parse_bytes("1.5MiB"), 1'572'864U);
    EXPECT_EQ(*parse_bytes("2GB"), 2'000'000'000U);
    EXPECT_FALSE(parse_bytes("64kb"));
    EXPECT_FALSE(parse_bytes("99999999999GiB"));
}

TEST(ParseShare, ReadsPercentAndFractionAndNothingAboveAll) {
    EXPECT_DOUBLE_EQ(*parse_share("99.5%"), 0.995);
    EXPECT_DOUBLE_EQ(*parse_share("0.25"), 0.25);
    EXPECT_DOUBLE_EQ(*parse_share("1"), 1.0);
    EXPECT_DOUBLE_EQ(*parse_share("0%"), 0.0);
    for (const std::string text : {"101%", "1.01", "-1%", "%", "5 %", "half"}) {
        EXPECT_FALSE(parse_share(text)) << text;
    }
}

TEST(FormatDuration, KeepsThreeDigits) {
    EXPECT_EQ(format_duration(7ns), "7 ns");
    EXPECT_EQ(format_duration(38'240ns), "38.2 us");
    EXPECT_EQ(format_duration(412ms), "412 ms");
    EXPECT_EQ(format_duration(1380ms), "1.38 s");
    EXPECT_EQ(format_duration(-1200us), "-1.20 ms");
    EXPECT_EQ(format_duration(999'900us), "1.00 s");
}

TEST(SpellDuration, IsReadBackExactly) {
    for (const Duration span : {Duration(0ns),
                                Duration(1ns),
                                Duration(1500us),
                                Duration(1500ms),
                                Duration(2s),
                                Duration(90min)}) {
        const auto back = parse_duration(spell_duration(span));
        ASSERT_TRUE(back) << spell_duration(span);
        EXPECT_EQ(*back, span);
    }
    EXPECT_EQ(spell_duration(1500ms), "1500ms");
    EXPECT_EQ(spell_duration(2s), "2s");
}

TEST(FormatShare, NeverRoundsToAnEnd) {
    EXPECT_EQ(format_share(0.934), "93.4 %");
    EXPECT_EQ(format_share(0.9999), "99.99 %");
    EXPECT_EQ(format_share(0.00001), "0.001 %");
    EXPECT_EQ(format_share(1.0), "100.0 %");
    EXPECT_EQ(format_share(0.0), "0.0 %");
}

TEST(FormatCount, GroupsThousands) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1'000), "1,000");
    EXPECT_EQ(format_count(1'234'567), "1,234,567");
}

TEST(FormatBytes, UsesPowersOfTwo) {
    EXPECT_EQ(format_bytes(512), "512 B");
    EXPECT_EQ(format_bytes(65'536), "64.0 KiB");
    EXPECT_EQ(format_bytes(1'610'612'736), "1.50 GiB");
}

}  // namespace
}  // namespace faultline
