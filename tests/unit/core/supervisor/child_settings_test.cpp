// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/child_settings.hpp"

#include <chrono>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftsupervisor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

Child parsed(const Words& words) {
    Words mistakes;
    Child child = parse_child(words, "file:1", 5s, mistakes);
    EXPECT_THAT(mistakes, IsEmpty());
    return child;
}

Words mistakes_in(const Words& words) {
    Words mistakes;
    static_cast<void>(parse_child(words, "file:1", 5s, mistakes));
    return mistakes;
}

TEST(ChildSettings, NeedLittle) {
    const Child child = parsed({"worker", "--", "sleep", "1000"});
    EXPECT_EQ(child.spec.name, "worker");
    EXPECT_THAT(child.words, ElementsAre("sleep", "1000"));
    EXPECT_EQ(child.spec.restart, ftcore::Restart::permanent);
    EXPECT_EQ(child.spec.heartbeat_timeout, std::nullopt);
    EXPECT_EQ(child.spec.stop_within, 5s);
    EXPECT_EQ(child.stop_signal, SIGTERM);
}

TEST(ChildSettings, SayEverything) {
    const Child child = parsed({"kv-0",
                                "restart=transient",
                                "heartbeat=500ms",
                                "first-heartbeat=3s",
                                "stop-within=1s",
                                "stop-signal=INT",
                                "after=a",
                                "after=b",
                                "env=FAULTLINE_INSTANCE=kv[0]",
                                "env=EMPTY=",
                                "folder=/tmp",
                                "event-name=kv[0]",
                                "--",
                                "program",
                                "--",
                                "x=y"});
    EXPECT_EQ(child.spec.restart, ftcore::Restart::transient);
    EXPECT_EQ(child.spec.heartbeat_timeout, 500ms);
    EXPECT_EQ(child.spec.first_beat_within, 3s);
    EXPECT_EQ(child.spec.stop_within, 1s);
    EXPECT_EQ(child.stop_signal, SIGINT);
    EXPECT_THAT(child.spec.after, ElementsAre("a", "b"));
    EXPECT_THAT(child.environment,
                ElementsAre(Pair("EMPTY", ""), Pair("FAULTLINE_INSTANCE", "kv[0]")));
    EXPECT_EQ(child.folder, "/tmp");
    EXPECT_EQ(child.spec.event_name, "kv[0]");
    EXPECT_THAT(child.words, ElementsAre("program", "--", "x=y"));
}

TEST(ChildSettings, SayAllThatIsWrong) {
    EXPECT_THAT(mistakes_in({"a b", "sleep"}),
                ElementsAre(HasSubstr("file:1: \"a b\" is no name for a child"),
                            HasSubstr("has no command")));
    EXPECT_THAT(mistakes_in({"a", "--"}), ElementsAre(HasSubstr("has no command")));
    EXPECT_THAT(
        mistakes_in({"a", "sleep", "restrt=permanent", "heartbeat=5", "env=X", "--", "x"}),
        ElementsAre(HasSubstr("file:1: child a: \"sleep\" is not an option"),
                    HasSubstr("unknown setting \"restrt\"; did you mean \"restart\"?"),
                    HasSubstr("file:1: child a: heartbeat: \"5\" is not a number followed")));
    EXPECT_THAT(mistakes_in({"a", "env=X", "--", "x"}), ElementsAre(HasSubstr("env=NAME=VALUE")));
}

}  // namespace
}  // namespace ftsupervisor
