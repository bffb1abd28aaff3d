// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/setting_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> words_of(const std::string& line) {
    auto words = split_words(line);
    EXPECT_TRUE(words) << (words ? "" : words.error().message);
    return words ? *words : std::vector<std::string>();
}

std::string mistake_in(const std::string& line) {
    const auto words = split_words(line);
    return words ? "" : words.error().message;
}

TEST(SettingWords, AreSeparatedByBlanks) {
    EXPECT_THAT(words_of("  port \t 7001  \r"), ElementsAre("port", "7001"));
    EXPECT_THAT(words_of(""), IsEmpty());
}

TEST(SettingWords, StopAtAComment) {
    EXPECT_THAT(words_of("# port 7001"), IsEmpty());
    EXPECT_THAT(words_of("port 7001 # the usual"), ElementsAre("port", "7001"));
    EXPECT_THAT(words_of("colour a#b"), ElementsAre("colour", "a#b"));
}

TEST(SettingWords, MayBeQuoted) {
    EXPECT_THAT(words_of(R"(name "a b" 'c d' "")"), ElementsAre("name", "a b", "c d", ""));
    EXPECT_THAT(words_of(R"(name "#1" '#2')"), ElementsAre("name", "#1", "#2"));
    EXPECT_THAT(words_of(R"("a\"b\\c\n\x41\xzz")"), ElementsAre("a\"b\\c\nAxzz"));
    EXPECT_THAT(words_of(R"('it\'s \n')"), ElementsAre(R"(it's \n)"));
}

TEST(SettingWords, MustCloseTheirQuotes) {
    EXPECT_THAT(mistake_in("name \"a b"), HasSubstr("the quote \" is not closed"));
    EXPECT_THAT(mistake_in("name 'a"), HasSubstr("the quote ' is not closed"));
    EXPECT_THAT(mistake_in("name \"a\"b c"), HasSubstr("\"b\" stands right behind"));
    EXPECT_THAT(mistake_in("name \"a\\"), HasSubstr("not closed"));
}

TEST(SettingWords, AreReadBackAsTheyWereQuoted) {
    for (const std::string word :
         {"plain", "", "with blank", "#hash", "\"", "'", "a\"b\\c", "line\nbreak\x01\x7f", "ü"}) {
        EXPECT_THAT(words_of("x " + quote_word(word) + " y"), ElementsAre("x", word, "y"));
    }
}

}  // namespace
}  // namespace ftcore
