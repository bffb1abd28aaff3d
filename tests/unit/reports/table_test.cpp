// SPDX-License-Identifier: Apache-2.0
#include "reports/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Table, AlignsItsColumns) {
    Table table({Align::left, Align::right, Align::left});
    table.add({{"a"}, {"1"}, {"first"}});
    table.add({{"longer"}, {"1,234"}, {"second"}});
    table.add({{"b"}, {"12"}, {}});
    EXPECT_EQ(table.text({.indent = 1, .gap = 2}),
              " a           1  first\n"
              " longer  1,234  second\n"
              " b          12\n");
}

TEST(Table, CountsCodePointsNotBytes) {
    Table table({Align::left, Align::left});
    table.add({{"\xC3\xA4\xC3\xB6"}, {"x"}});
    table.add({{"abc"}, {"y"}});
    EXPECT_EQ(table.text({.indent = 0, .gap = 1}), "\xC3\xA4\xC3\xB6  x\nabc y\n");
}

TEST(Table, WrapsItsLastColumnBelowItself) {
    Table table({Align::left, Align::left});
    table.add({{"name"}, {"one two three four five six seven"}});
    EXPECT_EQ(table.text({.indent = 2, .gap = 2, .width = 30}),
              "  name  one two three four\n"
              "        five six seven\n");
}

TEST(Table, ColoursWithoutChangingItsLayout) {
    const auto text = [](bool colour) {
        Table table({Align::left, Align::left});
        table.add({{"pass", Colour::green}, {"x"}});
        table.add({{"inconclusive", Colour::yellow}, {"y", Colour::bold}});
        return table.text({.colour = colour});
    };
    EXPECT_THAT(text(true), HasSubstr("\x1b[32mpass\x1b[0m           x\n"));
    EXPECT_EQ(text(false).find('\x1b'), std::string::npos);
    std::string stripped = text(true);
    for (const char* code : {"\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"}) {
        for (std::size_t at = stripped.find(code); at != std::string::npos;
             at = stripped.find(code)) {
            stripped.erase(at, std::string_view(code).size());
        }
    }
    EXPECT_EQ(stripped, text(false));
}

TEST(Wrapping, BreaksAtBlanksAndInsideLongWords) {
    EXPECT_THAT(wrapped("one two three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("abcdefgh ij", 5), ElementsAre("abcde", "fgh", "ij"));
    EXPECT_THAT(wrapped("", 5), ElementsAre(""));
    EXPECT_THAT(wrapped("exact", 5), ElementsAre("exact"));
    EXPECT_THAT(wrapped("exact     ", 5), ElementsAre("exact", ""));
}

}  // namespace
}  // namespace faultline::reports
