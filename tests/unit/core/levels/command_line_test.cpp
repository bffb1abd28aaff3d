// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

TEST(CommandLine, TakesAFileAndOptions) {
    const CommandLine line = read_command_line(Words{"node.conf", "--port", "7001"});
    EXPECT_EQ(line.asked, Asked::run);
    EXPECT_EQ(line.file, "node.conf");
    EXPECT_THAT(line.options, ElementsAre("--port", "7001"));
}

TEST(CommandLine, NeedsNoFile) {
    const CommandLine line = read_command_line(Words{"--port", "7001"});
    EXPECT_EQ(line.file, std::nullopt);
    EXPECT_THAT(line.options, ElementsAre("--port", "7001"));
    EXPECT_THAT(read_command_line(Words{}).options, IsEmpty());
}

TEST(CommandLine, KnowsTheFlagsThatReplaceRunning) {
    EXPECT_EQ(read_command_line(Words{"-h"}).asked, Asked::help);
    EXPECT_EQ(read_command_line(Words{"--port", "1", "--help"}).asked, Asked::help);
    EXPECT_EQ(read_command_line(Words{"--example"}).asked, Asked::example);
    EXPECT_EQ(read_command_line(Words{"--version"}).asked, Asked::version);
    const CommandLine check = read_command_line(Words{"--check", "node.conf", "--port", "1"});
    EXPECT_EQ(check.asked, Asked::check);
    EXPECT_EQ(check.file, "node.conf");
    EXPECT_THAT(check.options, ElementsAre("--port", "1"));
    EXPECT_EQ(read_command_line(Words{"node.conf", "--check"}).asked, Asked::check);
}

TEST(CommandLine, LeavesTheWordsOfACommandAlone) {
    const CommandLine line =
        read_command_line(Words{"--child", "worker", "--", "ls", "--help", "file"});
    EXPECT_EQ(line.asked, Asked::run);
    EXPECT_EQ(line.file, std::nullopt);
    EXPECT_THAT(line.options, ElementsAre("--child", "worker", "--", "ls", "--help", "file"));
}

TEST(CommandLine, SkipsTheNameOfTheProgram) {
    const char* const arguments[] = {"program", "node.conf"};
    EXPECT_EQ(read_command_line(2, arguments).file, "node.conf");
    EXPECT_EQ(read_command_line(1, arguments).file, std::nullopt);
}

}  // namespace
}  // namespace ftcore
