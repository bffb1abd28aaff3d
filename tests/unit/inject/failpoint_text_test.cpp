// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/include/faultline/failpoint.hpp"

namespace faultline {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<embed::FailpointOrder> orders_in(std::string_view text) {
    std::vector<embed::FailpointOrder> orders;
    const FailpointResult parsed = embed::FailpointText(text).parse(orders);
    EXPECT_TRUE(parsed) << parsed.message();
    return orders;
}

std::string mistake_in(std::string_view text) {
    std::vector<embed::FailpointOrder> orders;
    return embed::FailpointText(text).parse(orders).message();
}

TEST(FailpointText, ReadsEveryActionAndModifier) {
    const auto orders = orders_in(
        " a.b=error(EIO):first=2 ; c=delay(1.5ms):probability=10%:seed=7:jitter=20us;"
        "d=crash:after=10;e=crash(abort);f=throw(x;y:z):every=3;g=throw;h=error(28);");
    ASSERT_EQ(orders.size(), 7U);
    EXPECT_EQ(orders[0].point, "a.b");
    EXPECT_EQ(orders[0].action.effect, FailpointEffect::error);
    EXPECT_EQ(orders[0].action.error, EIO);
    EXPECT_EQ(orders[0].action.first, 2U);
    EXPECT_EQ(orders[1].action.effect, FailpointEffect::delay);
    EXPECT_EQ(orders[1].action.delay_ns, 1'500'000);
    EXPECT_EQ(orders[1].action.jitter_ns, 20'000);
    EXPECT_DOUBLE_EQ(orders[1].action.probability, 0.1);
    EXPECT_EQ(orders[1].action.seed, 7U);
    EXPECT_EQ(orders[2].action.effect, FailpointEffect::crash);
    EXPECT_EQ(orders[2].action.signal, SIGKILL);
    EXPECT_EQ(orders[2].action.after, 10U);
    EXPECT_EQ(orders[3].action.signal, SIGABRT);
    EXPECT_EQ(orders[4].action.effect, FailpointEffect::raised);
    EXPECT_EQ(orders[4].action.text, "x;y:z");
    EXPECT_EQ(orders[4].action.every, 3U);
    EXPECT_FALSE(orders[5].action.text.empty());
    EXPECT_EQ(orders[6].action.error, ENOSPC);
}

TEST(FailpointText, OfNothingIsNothing) {
    EXPECT_TRUE(orders_in("").empty());
    EXPECT_TRUE(orders_in(" ; ;").empty());
}

TEST(FailpointText, MistakesNameTheirPlaceAndWhatWouldBeRight) {
    struct Case {
        const char* text;
        const char* place;
        const char* words;
    };
    const Case cases[] = {
        {"=error(EIO)", "character 1:", "name of a fail point"},
        {"a.b", "character 4:", "'=' is expected"},
        {"a=", "character 3:", "is not an action"},
        {"a=eror(EIO)", "character 3:", "did you mean \"error\"?"},
        {"a=error", "character 3:", "write for example error(EIO)"},
        {"a=error(EEIO)", "character 9:", "\"EEIO\" is not an error name"},
        {"a=error(0)", "character 9:", "\"0\" is not an error name"},
        {"a=error(99999)", "character 9:", "\"99999\" is not an error name"},
        {"a=error(EIO", "character 9:", "')' is missing"},
        {"a=delay(50)", "character 9:", "its unit"},
        {"a=delay(50sec)", "character 9:", "its unit"},
        {"a=delay(-1ms)", "character 9:", "its unit"},
        {"a=delay(25h)", "character 9:", "at most 24 h"},
        {"a=crash(softly)", "character 9:", "crash(abort)"},
        {"a=crash:frist=2", "character 9:", "did you mean \"first\"?"},
        {"a=crash:first", "character 14:", "a whole number"},
        {"a=crash:first=0", "character 15:", "from 1 on"},
        {"a=crash:first=2x", "character 15:", "\"2x\""},
        {"a=crash:every=1234567890123456789", "character 15:", "a whole number"},
        {"a=crash:probability=1.5", "character 21:", "write for example 0.1 or 10%"},
        {"a=crash:probability=often", "character 21:", "write for example 0.1 or 10%"},
        {"a=crash:jitter=1ms", "character 9:", "only a delay"},
        {"a=crash b=crash", "character 9:", "';' is expected"},
        {"a=crash;b=crush", "character 11:", "did you mean \"crash\"?"},
    };
    for (const Case& one : cases) {
        EXPECT_THAT(mistake_in(one.text), StartsWith(one.place)) << one.text;
        EXPECT_THAT(mistake_in(one.text), HasSubstr(one.words)) << one.text;
    }
    EXPECT_THAT(mistake_in("a=throw(" + std::string(64, 'x') + ")"), HasSubstr("64 bytes"));
}

TEST(FailpointText, ArmsAllOrNothing) {
    const auto armed = arm_failpoints("unit.text.known=error(5);unit.text.knwon=crash");
    ASSERT_FALSE(armed);
    EXPECT_THAT(armed.message(), StartsWith("character 26: this program has no fail point"));
    EXPECT_THAT(armed.message(), HasSubstr("did you mean \"unit.text.known\"?"));
    EXPECT_EQ(FL_FAILPOINT("unit.text.known"), 0);
}

TEST(ErrnoName, GoesBothWays) {
    EXPECT_EQ(parse_errno("EIO"), EIO);
    EXPECT_EQ(parse_errno("5"), 5);
    EXPECT_EQ(parse_errno(""), 0);
    EXPECT_EQ(parse_errno("EI"), 0);
    EXPECT_EQ(parse_errno("4096"), 0);
    EXPECT_EQ(parse_errno("99999999999999999999"), 0);
    EXPECT_EQ(errno_name(ENOSPC), "ENOSPC");
    EXPECT_EQ(errno_name(4000), "");
}

}  // namespace
}  // namespace faultline
