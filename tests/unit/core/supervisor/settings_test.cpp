// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/settings.hpp"

#include <chrono>
#include <filesystem>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"

namespace ftsupervisor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

SettingsOrMistakes read_options(std::vector<std::string> options) {
    return read_settings({.options = std::move(options)});
}

TEST(SupervisorSettings, PutChildrenIntoStartOrder) {
    const auto read = read_options({"--child",
                                    "a after=b -- sleep 1",
                                    "--child",
                                    "b",
                                    "heartbeat=1s",
                                    "--",
                                    "sleep",
                                    "2",
                                    "--strategy=rest_for_one",
                                    "--intensity",
                                    "7",
                                    "--backoff=1ms"});
    ASSERT_THAT(read.mistakes, IsEmpty());
    ASSERT_EQ(read.settings.children.size(), 2U);
    EXPECT_EQ(read.settings.children[0].spec.name, "b");
    EXPECT_EQ(read.settings.children[1].spec.name, "a");
    EXPECT_EQ(read.settings.supervisor.strategy, ftcore::RestartStrategy::rest_for_one);
    EXPECT_EQ(read.settings.supervisor.restarts_max, 7);
    EXPECT_EQ(read.settings.supervisor.pause_first, 1ms);
    EXPECT_TRUE(read.settings.log);
}

TEST(SupervisorSettings, RefuseWhatContradictsItself) {
    EXPECT_THAT(read_options({}).mistakes, ElementsAre(HasSubstr("child is required")));
    EXPECT_THAT(read_options({"--child", "a -- x", "--child", "a -- y"}).mistakes,
                ElementsAre(HasSubstr("two children are called a")));
    EXPECT_THAT(read_options({"--child", "a after=c -- x"}).mistakes,
                ElementsAre(HasSubstr("a starts after c, which is no child")));
    EXPECT_THAT(read_options({"--child", "a -- x", "--backoff-max", "1ms"}).mistakes,
                ElementsAre("option --backoff-max: backoff-max is shorter than backoff; make it at "
                            "least as long"));
}

TEST(SupervisorSettings, ReadTheirOwnExample) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("ftsupervisor-example-" + std::to_string(::getpid()));
    ASSERT_TRUE(faultline::write_file(file, example()));
    EXPECT_THAT(read_settings({.file = file}).mistakes, IsEmpty());
    std::filesystem::remove(file);
}

TEST(SupervisorSettings, ExplainTheOptionsOfAChildAsTheyAreWritten) {
    EXPECT_THAT(help(), HasSubstr("\n  restart=permanent|transient|temporary\n"));
    EXPECT_THAT(help(), HasSubstr("\n  --strategy one_for_one|one_for_all|rest_for_one\n"));
}

}  // namespace
}  // namespace ftsupervisor
