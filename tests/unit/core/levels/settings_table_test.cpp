// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/settings_table.hpp"

#include <chrono>
#include <filesystem>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"

namespace ftcore {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

using Words = std::vector<std::string>;

const SettingTable node_table{
    {.name = "id",
     .type = SettingType::integer,
     .help = "Number of this node.",
     .required = true,
     .minimum = 1,
     .example = "1",
     .section = "node"},
    {.name = "port",
     .type = SettingType::integer,
     .help = "Port for clients.",
     .default_value = "7001",
     .minimum = 0,
     .maximum = 65535,
     .section = "node"},
    {.name = "member",
     .type = SettingType::words,
     .help = "A node of the group.",
     .required = true,
     .repeatable = true,
     .form = "<id> <host:port>",
     .example = "1 127.0.0.1:7101",
     .section = "group",
     .words_min = 2,
     .words_max = 2},
    {.name = "level",
     .type = SettingType::choice,
     .help = "When a write is acknowledged.",
     .default_value = "high",
     .choices = {"high", "medium", "low"},
     .section = "group"},
    {.name = "sync-period",
     .type = SettingType::duration,
     .help = "How often the log is synced.",
     .default_value = "100ms",
     .minimum = 1e6,
     .section = "group"},
    {.name = "quiet", .type = SettingType::boolean, .help = "Say less.", .default_value = "no"},
    {.name = "title", .type = SettingType::text, .help = "A name for people."}};

SettingsRead read_text(const std::string& text, const Words& options = {}) {
    static int count = 0;
    const auto folder = std::filesystem::temp_directory_path() /
                        ("settings-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    EXPECT_TRUE(faultline::make_folder(folder));
    EXPECT_TRUE(faultline::write_file(folder / "node.conf", text));
    SettingsRead read = read_settings(node_table, folder / "node.conf", options);
    for (std::string& mistake : read.mistakes) {
        const std::string prefix = folder.string() + "/";
        if (mistake.starts_with(prefix)) mistake.erase(0, prefix.size());
    }
    EXPECT_TRUE(faultline::remove_tree(folder));
    return read;
}

TEST(SettingsTable, ReadsAFile) {
    const SettingsRead read = read_text(
        "# a node\n"
        "id 2\n"
        "\n"
        "member 1 127.0.0.1:7101  # the first\n"
        "member 2 127.0.0.1:7102\n"
        "sync-period 5ms\n"
        "title \"node two\"\n");
    ASSERT_THAT(read.mistakes, IsEmpty());
    EXPECT_EQ(read.values.get<std::int64_t>("id"), 2);
    EXPECT_EQ(read.values.get<std::int64_t>("port"), 7001);
    EXPECT_THAT(read.values.all<Words>("member"),
                ElementsAre(Words{"1", "127.0.0.1:7101"}, Words{"2", "127.0.0.1:7102"}));
    EXPECT_EQ(read.values.get<faultline::Duration>("sync-period"), 5ms);
    EXPECT_EQ(read.values.get<std::string>("title"), "node two");
    EXPECT_FALSE(read.values.get<bool>("quiet"));
}

TEST(SettingsTable, ReadsOptions) {
    const SettingsRead read = read_settings(node_table,
                                            std::nullopt,
                                            Words{"--id",
                                                  "3",
                                                  "--level=low",
                                                  "--member",
                                                  "1",
                                                  "127.0.0.1:7101",
                                                  "--member",
                                                  "2 127.0.0.1:7102",
                                                  "--quiet"});
    ASSERT_THAT(read.mistakes, IsEmpty());
    EXPECT_EQ(read.values.get<std::int64_t>("id"), 3);
    EXPECT_EQ(read.values.get<std::string>("level"), "low");
    EXPECT_THAT(read.values.all<Words>("member"),
                ElementsAre(Words{"1", "127.0.0.1:7101"}, Words{"2", "127.0.0.1:7102"}));
    EXPECT_TRUE(read.values.get<bool>("quiet"));
    EXPECT_EQ(read.values.find<std::string>("title"), std::nullopt);
    EXPECT_THAT(read.values.all<std::string>("title"), IsEmpty());
}

TEST(SettingsTable, LetsOptionsWinOverTheFile) {
    const SettingsRead read = read_text("id 1\nport 7001\nmember 1 a:1\nmember 2 b:2\n",
                                        {"--port", "8000", "--member=9 z:9"});
    ASSERT_THAT(read.mistakes, IsEmpty());
    EXPECT_EQ(read.values.get<std::int64_t>("port"), 8000);
    EXPECT_THAT(read.values.all<Words>("member"), ElementsAre(Words{"9", "z:9"}));
    EXPECT_EQ(read.values.place_of("port"), "option --port");
    EXPECT_THAT(read.values.place_of("id"), HasSubstr("node.conf:1"));
    EXPECT_EQ(read.values.place_of("level"), "default of level");
    EXPECT_EQ(read.values.place_of("title"), "setting title");
}

TEST(SettingsTable, ReportsAllMistakesWithTheirPlaces) {
    const SettingsRead read = read_text(
        "prot 7001\n"
        "port 99999\n"
        "level hihg\n"
        "title \"open\n"
        "sync-period 5\n"
        "quiet yes\n"
        "quiet no\n",
        {"--member", "1", "--sync-peroid", "1s", "stray"});
    EXPECT_THAT(
        read.mistakes,
        ElementsAre("node.conf:4: the quote \" is not closed",
                    "option --member: member: needs <id> <host:port>, found 1 word",
                    "option --sync-peroid: unknown setting \"sync-peroid\"; did you mean "
                    "\"sync-period\"?",
                    "node.conf:1: unknown setting \"prot\"; did you mean \"port\"?",
                    "node.conf:2: port: \"99999\" is out of range; it is 0 to 65535",
                    "node.conf:3: level: \"hihg\" is not one of high, medium, low; did you mean "
                    "\"high\"?",
                    HasSubstr("node.conf:5: sync-period: \"5\" is not a number followed by"),
                    HasSubstr("node.conf:7: quiet was already given at "),
                    "node.conf: id is required; add \"id 1\": Number of this node."));
}

TEST(SettingsTable, SaysWhatBelongsToNoOption) {
    const SettingsRead read = read_settings(node_table, std::nullopt, Words{"stray", "--id", "1"});
    EXPECT_THAT(read.mistakes,
                ElementsAre(HasSubstr("\"stray\" belongs to no option"),
                            HasSubstr("command line: member is required")));
}

TEST(SettingsTable, SaysWhenTheFileCannotBeRead) {
    const SettingsRead read =
        read_settings(node_table, "/nowhere/node.conf", Words{"--id", "1", "--member", "1 a:1"});
    EXPECT_THAT(read.mistakes, ElementsAre(HasSubstr("/nowhere/node.conf")));
}

TEST(SettingsTable, LetsTheProgramAddMistakesWithTheirPlaces) {
    SettingsRead read = read_text("id 1\nmember 1 a:1\nmember 1 b:2\n");
    ASSERT_THAT(read.mistakes, IsEmpty());
    read.add_mistake("member", "1 is twice a member", 1);
    EXPECT_THAT(read.mistakes, ElementsAre(HasSubstr("node.conf:3: 1 is twice a member")));
}

TEST(SettingsTable, ExplainsItselfAsHelp) {
    const std::string help = help_text(node_table);
    EXPECT_THAT(help, HasSubstr("\ngroup:\n"));
    EXPECT_THAT(help,
                HasSubstr("  --port <number>\n      Port for clients. (0 to 65535; default 7001)"));
    EXPECT_THAT(help, HasSubstr("  --level high|medium|low\n"));
    EXPECT_THAT(help, HasSubstr("(required; may be repeated)"));
}

TEST(SettingsTable, PrintsAnExampleThatItReadsBack) {
    const std::string example = example_text(node_table, "A node.");
    EXPECT_THAT(example,
                AllOf(HasSubstr("# A node.\n"),
                      HasSubstr("\nid 1\n"),
                      HasSubstr("\n#port 7001\n"),
                      HasSubstr("\n# ---- group\n")));
    EXPECT_THAT(read_text(example).mistakes, IsEmpty());
}

TEST(SettingsTable, PrintsAnExampleWhoseCommentedLinesWorkToo) {
    std::string example = example_text(node_table);
    for (std::size_t at = 0; (at = example.find("\n#", at)) != std::string::npos; ++at) {
        if (example[at + 2] != ' ') example.erase(at + 1, 1);
    }
    EXPECT_THAT(example, HasSubstr("\nport 7001\n"));
    EXPECT_THAT(example, Not(HasSubstr("\n#port")));
    EXPECT_THAT(read_text(example).mistakes, IsEmpty());
}

TEST(SettingsTableDeathTest, AbortsWhenReadWithAnotherType) {
    const SettingsRead read = read_text("id 1\nmember 1 a:1\n");
    EXPECT_DEATH(static_cast<void>(read.values.get<std::string>("id")), "has another type");
    EXPECT_DEATH(static_cast<void>(read.values.get<std::string>("title")), "is absent");
}

}  // namespace
}  // namespace ftcore
