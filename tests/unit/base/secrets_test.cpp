// SPDX-License-Identifier: Apache-2.0
#include "harness/base/secrets.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "harness/base/random.hpp"

namespace faultline {
namespace {

Secrets secrets_of(const std::vector<std::string>& values) {
    Secrets secrets;
    for (const std::string& value : values)
        secrets.add(value);
    return secrets;
}

/// The same text in pieces of `size`.
std::string masked_in_pieces(const Secrets& secrets, const std::string& text, std::size_t size) {
    SecretStream stream(secrets);
    std::string masked;
    for (std::size_t at = 0; at < text.size(); at += size)
        masked += stream.feed(std::string_view(text).substr(at, size));
    return masked + stream.finish();
}

TEST(Secrets, AreMaskedWhereverTheyStand) {
    const Secrets secrets = secrets_of({"hunter22"});
    EXPECT_EQ(secrets.mask("hunter22"), "***");
    EXPECT_EQ(secrets.mask("a hunter22, xhunter22hunter22y"), "a ***, x******y");
    EXPECT_EQ(secrets.mask("hunter2 hunter"), "hunter2 hunter");
    EXPECT_EQ(secrets.mask(""), "");
    EXPECT_EQ(Secrets().mask("hunter22"), "hunter22");
}

TEST(Secrets, ThatOverlapAreMaskedWhole) {
    EXPECT_EQ(secrets_of({"abcdef", "defghi"}).mask("-abcdefghi-"), "-***-");
    EXPECT_EQ(secrets_of({"abcd", "abcdefgh"}).mask("abcdefgh abcdefg"), "*** ***efg");
    EXPECT_EQ(secrets_of({"aaaa"}).mask("aaaaaa"), "***");
}

TEST(Secrets, TakeAnyBytes) {
    const std::string value("a\0b\n\xff", 5);
    EXPECT_EQ(secrets_of({value}).mask("<" + value + ">"), "<***>");
    Secrets secrets;
    secrets.add("");
    EXPECT_TRUE(secrets.empty());
}

TEST(SecretStream, MasksWhatIsCutByTheBoundsOfPieces) {
    const Secrets secrets = secrets_of({"hunter22", "22-abcd", "hunt", "aaaab"});
    const std::string text = "x hunter22-abcd y hunter2 aaaaaab hunthunter22 hunter2";
    const std::string whole = secrets.mask(text);
    EXPECT_EQ(whole, "x *** y ***er2 aa*** ****** ***er2");
    for (std::size_t size = 1; size <= text.size(); ++size)
        EXPECT_EQ(masked_in_pieces(secrets, text, size), whole) << size;
}

TEST(SecretStream, HoldsBackNothingThatCannotBeASecret) {
    SecretStream stream(secrets_of({"hunter22"}));
    EXPECT_EQ(stream.feed("a line\n"), "a line\n");
    EXPECT_EQ(stream.feed("hunt"), "");
    EXPECT_EQ(stream.feed("ing\n"), "hunting\n");
    EXPECT_EQ(stream.feed("hunter2"), "");
    EXPECT_EQ(stream.finish(), "hunter2");
}

TEST(SecretStream, AgreesWithItselfHoweverATextIsCut) {
    Random random(7);
    for (int round = 0; round < 300; ++round) {
        const auto word = [&random](std::size_t length) {
            std::string made;
            while (made.size() < length)
                made += static_cast<char>('a' + random.below(2));
            return made;
        };
        const Secrets secrets = secrets_of({word(4), word(5), word(9)});
        const std::string text = word(60);
        const std::string whole = secrets.mask(text);
        for (const std::size_t size : {1U, 2U, 3U, 7U, 31U})
            ASSERT_EQ(masked_in_pieces(secrets, text, size), whole) << text;
    }
}

TEST(MaskFiles, RewritesThoseThatHoldASecretAndNoOther) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "faultline-secrets-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    const std::filesystem::path folder = pattern;
    std::filesystem::create_directories(folder / "deep");
    const std::string large = std::string(300'000, 'x') + "hunter22" + std::string(300'000, 'y');
    std::ofstream(folder / "deep" / "large") << large;
    std::ofstream(folder / "clean") << "nothing here hunter2";
    std::ofstream(folder / "empty");
    std::filesystem::create_symlink("/etc/hostname", folder / "link");
    const auto before = std::filesystem::last_write_time(folder / "clean");
    ASSERT_TRUE(mask_files(folder, secrets_of({"hunter22"})));
    EXPECT_EQ(*read_file(folder / "deep" / "large"),
              std::string(300'000, 'x') + "***" + std::string(300'000, 'y'));
    EXPECT_EQ(*read_file(folder / "clean"), "nothing here hunter2");
    EXPECT_EQ(std::filesystem::last_write_time(folder / "clean"), before);
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        ++entries;
    EXPECT_EQ(entries, 5U);
    EXPECT_TRUE(mask_files(folder / "nowhere", secrets_of({"hunter22"})));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace faultline
