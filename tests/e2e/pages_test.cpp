// SPDX-License-Identifier: Apache-2.0
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// Manual pages and completions say what --help says.

namespace faultline::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

std::set<std::string> matches(const std::string& text, const std::string& pattern, int group) {
    const std::regex expression(pattern, std::regex::multiline);
    std::set<std::string> all;
    for (auto each = std::sregex_iterator(text.begin(), text.end(), expression);
         each != std::sregex_iterator();
         ++each)
        all.insert((*each)[static_cast<std::size_t>(group)]);
    return all;
}

std::set<std::string> flags_in_help(const std::string& help) {
    // Only where an option begins: texts mention flags of others.
    return matches(help, "^  (-[a-zA-Z],)?(--[a-z-]+)", 2);
}

std::set<std::string> commands(const Workplace& place) {
    const std::string help = place.faultline({"--help"}).output;
    const std::string listed = help.substr(help.find("Subcommands:"));
    return matches(listed.substr(0, listed.find("\n\n")), "^  ([a-z]+) ", 1);
}

/// A page as it is read, without the escapes of roff.
std::string unescaped(const std::string& page) {
    return std::regex_replace(
        std::regex_replace(page, std::regex(R"(\\-)"), "-"), std::regex(R"(\\f[BIR])"), "");
}

TEST(Pages, HaveEveryFlagOfEveryCommand) {
    const Workplace place;
    const auto names = commands(place);
    EXPECT_THAT(names, IsSupersetOf({"run", "bench", "history", "manual"}));
    const auto written = place.faultline({"manual", "--folder", "pages"});
    ASSERT_EQ(written.exit_code, 0) << written.error_output;
    for (const std::string& name : names) {
        const auto page = read_file(place.folder() / "pages" / ("faultline-" + name + ".1"));
        ASSERT_TRUE(page) << page.error().message;
        const auto flags = flags_in_help(place.faultline({name, "--help"}).output);
        EXPECT_THAT(flags, Contains("--help"));
        for (const std::string& flag : flags)
            EXPECT_THAT(unescaped(*page), AnyOf(HasSubstr("\n" + flag), HasSubstr(", " + flag)))
                << name;
    }
    const auto program = read_file(place.folder() / "pages" / "faultline.1");
    ASSERT_TRUE(program);
    for (const std::string& name : names)
        EXPECT_THAT(*program, HasSubstr(".TP\n\\fB" + name + "\\fR"));
    // One that is a command of a command.
    const auto history = place.faultline({"manual", "history"});
    EXPECT_THAT(unescaped(history.output), HasSubstr("faultline history import"));
    EXPECT_THAT(unescaped(history.output), HasSubstr("--rebuild"));
}

TEST(Pages, AreSoundForGroff) {
    if (!has_program("groff")) GTEST_SKIP() << "groff is not installed";
    const Workplace place;
    ASSERT_EQ(place.faultline({"manual", "--folder", "pages"}).exit_code, 0);
    for (const auto& page : std::filesystem::directory_iterator(place.folder() / "pages")) {
        const auto checked =
            run_command({.words = {"groff", "-ww", "-man", "-Tutf8", "-z", page.path().string()}});
        ASSERT_TRUE(checked);
        EXPECT_EQ(checked->error_output, "") << page.path();
        EXPECT_EQ(checked->exit_code, 0);
    }
}

TEST(Pages, SuggestTheCommandThatWasMeant) {
    const Workplace place;
    const auto result = place.faultline({"manual", "rnu"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error_output, HasSubstr("\"run\""));
}

TEST(Completions, AreSoundForTheirShells) {
    const Workplace place;
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        const auto script = place.faultline({"completion", shell});
        ASSERT_EQ(script.exit_code, 0);
        EXPECT_TRUE(script.output.find("calibrate") != std::string::npos) << shell;
        if (!has_program(shell)) continue;
        const auto file = place.write("script." + shell, script.output);
        const auto checked = run_command({.words = {shell, "-n", file.string()}});
        ASSERT_TRUE(checked);
        EXPECT_EQ(checked->exit_code, 0) << shell << ": " << checked->error_output;
    }
}

/// What bash offers after these words.
std::string offered(const Workplace& place, const std::string& words) {
    const auto asked =
        run_command({.words = {"bash",
                               "-c",
                               "source script.bash; COMP_WORDS=(" + words +
                                   "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _faultline; "
                                   "printf '%s\\n' \"${COMPREPLY[@]}\""},
                     .folder = place.folder().string()});
    return asked ? asked->output : asked.error().message;
}

TEST(Completions, OfferCommandsFlagsAndValuesInBash) {
    const Workplace place;
    place.write("script.bash", place.faultline({"completion", "bash"}).output);
    place.write("pair.json", "{}");
    EXPECT_EQ(offered(place, "faultline cal"), "calibrate\n");
    EXPECT_EQ(offered(place, "faultline run --tri"), "--trials\n");
    EXPECT_EQ(offered(place, "faultline run --format term"), "terminal\n");
    EXPECT_EQ(offered(place, "faultline history imp"), "import\n");
    EXPECT_EQ(offered(place, "faultline completion z"), "zsh\n");
    EXPECT_EQ(offered(place, "faultline run pai"), "pair.json\n");
}

}  // namespace
}  // namespace faultline::e2e
