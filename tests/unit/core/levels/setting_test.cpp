// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/setting.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

SettingValue value_of(const Setting& setting, const std::vector<std::string>& words) {
    auto value = parse_setting(setting, words);
    EXPECT_TRUE(value) << (value ? "" : value.error().message);
    return value ? *value : SettingValue(false);
}

std::string mistake_of(const Setting& setting, const std::vector<std::string>& words) {
    const auto value = parse_setting(setting, words);
    return value ? "" : value.error().message;
}

TEST(Setting, ReadsEveryType) {
    EXPECT_EQ(value_of({"a", SettingType::integer}, {"-3"}), SettingValue(std::int64_t{-3}));
    EXPECT_EQ(value_of({"a", SettingType::duration}, {"150ms"}),
              SettingValue(faultline::Duration(150ms)));
    EXPECT_EQ(value_of({"a", SettingType::bytes}, {"64KiB"}), SettingValue(std::int64_t{65536}));
    EXPECT_EQ(value_of({"a", SettingType::boolean}, {"yes"}), SettingValue(true));
    EXPECT_EQ(value_of({"a", SettingType::boolean}, {"off"}), SettingValue(false));
    EXPECT_EQ(value_of({"a", SettingType::text}, {""}), SettingValue(std::string()));
    EXPECT_EQ(value_of({"a", SettingType::share}, {"95%"}), SettingValue(0.95));
    EXPECT_EQ(value_of({.name = "a", .type = SettingType::choice, .choices = {"x", "y"}}, {"y"}),
              SettingValue(std::string("y")));
    EXPECT_EQ(value_of({"a", SettingType::words}, {"x", "y"}),
              SettingValue(std::vector<std::string>{"x", "y"}));
}

TEST(Setting, RefusesWhatIsNotItsType) {
    EXPECT_THAT(mistake_of({"a", SettingType::integer}, {"7x"}), HasSubstr("not a whole number"));
    EXPECT_THAT(mistake_of({"a", SettingType::integer}, {"99999999999999999999"}),
                HasSubstr("too large"));
    EXPECT_THAT(mistake_of({"a", SettingType::duration}, {"150"}), HasSubstr("150ms"));
    EXPECT_THAT(mistake_of({"a", SettingType::bytes}, {"many"}), HasSubstr("64KiB"));
    EXPECT_THAT(mistake_of({"a", SettingType::boolean}, {"maybe"}),
                HasSubstr("neither yes nor no"));
    EXPECT_THAT(mistake_of({"a", SettingType::share}, {"101%"}), HasSubstr("more than 100 %"));
    EXPECT_THAT(mistake_of({.name = "a", .type = SettingType::choice, .choices = {"high", "low"}},
                           {"hihg"}),
                HasSubstr("not one of high, low; did you mean \"high\"?"));
}

TEST(Setting, KeepsItsRange) {
    const Setting port{
        .name = "port", .type = SettingType::integer, .minimum = 1, .maximum = 65535};
    EXPECT_EQ(value_of(port, {"65535"}), SettingValue(std::int64_t{65535}));
    EXPECT_EQ(mistake_of(port, {"65536"}), "\"65536\" is out of range; it is 1 to 65535");
    const Setting period{.name = "period", .type = SettingType::duration, .minimum = 1e6};
    EXPECT_EQ(mistake_of(period, {"1us"}), "\"1us\" is out of range; it is at least 1ms");
    const Setting size{.name = "size", .type = SettingType::bytes, .maximum = 64 << 20};
    EXPECT_EQ(mistake_of(size, {"1GiB"}), "\"1GiB\" is out of range; it is at most 64MiB");
}

TEST(Setting, TakesTheRightNumberOfWords) {
    EXPECT_THAT(mistake_of({"a", SettingType::text}, {}), HasSubstr("needs a value: <text>"));
    EXPECT_THAT(mistake_of({"a", SettingType::text}, {"b", "c"}),
                HasSubstr("takes one value, found 2 (\"b\", \"c\")"));
    const Setting member{.name = "member",
                         .type = SettingType::words,
                         .form = "<id> <host:port>",
                         .words_min = 2,
                         .words_max = 2};
    EXPECT_EQ(mistake_of(member, {"1"}), "needs <id> <host:port>, found 1 word");
}

}  // namespace
}  // namespace ftcore
