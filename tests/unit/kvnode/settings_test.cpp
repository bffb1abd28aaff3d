// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kvnode {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string three_members =
    "member 1 127.0.0.1:7101 127.0.0.1:7001 name=kv[0]\n"
    "member 2 127.0.0.1:7102 127.0.0.1:7002\n"
    "member 3 127.0.0.1:7103 127.0.0.1:7003 witness\n";

ftcore::SettingsRead read(const std::string& text) {
    std::vector<std::string> mistakes;
    const auto mentions = ftcore::mentions_in_text(text, "kv.conf", mistakes);
    auto result = ftcore::settle_settings(setting_table(), mentions, "kv.conf");
    result.mistakes.insert(result.mistakes.begin(), mistakes.begin(), mistakes.end());
    return result;
}

std::vector<std::string> mistakes_in(const std::string& text) {
    ftcore::SettingsRead result = read(text);
    if (result.mistakes.empty()) static_cast<void>(decode_settings(result));
    return result.mistakes;
}

TEST(KvnodeSettings, AreDecodedWithTheirDefaults) {
    ftcore::SettingsRead result = read("node 1\nfolder data\nlevel low\n" + three_members);
    ASSERT_THAT(result.mistakes, IsEmpty());
    const Settings settings = decode_settings(result);
    ASSERT_THAT(result.mistakes, IsEmpty());
    ASSERT_EQ(settings.node.members.size(), 3U);
    EXPECT_EQ(settings.node.members[0].name, "kv[0]");
    EXPECT_EQ(settings.node.members[1].name, "node-2");
    EXPECT_TRUE(settings.node.members[2].witness);
    EXPECT_EQ(settings.node.level, ftcore::Level::low);
    EXPECT_EQ(settings.node.heartbeat, std::chrono::milliseconds(25));
    EXPECT_FALSE(settings.metrics_port);
}

TEST(KvnodeSettings, MayReachPeersAndSendClientsToDifferentHosts) {
    ftcore::SettingsRead result = read("node 1\nfolder data\n" + three_members +
                                       "member 4 10.0.0.4:7104 192.168.0.4:7004\n"
                                       "member 5 10.0.0.5:7105 192.168.0.5:7005\n");
    const Settings settings = decode_settings(result);
    ASSERT_THAT(result.mistakes, IsEmpty());
    ASSERT_EQ(settings.node.members.size(), 5U);
    EXPECT_EQ(settings.node.members[3].host, "10.0.0.4");
    EXPECT_EQ(settings.node.members[3].host_for_clients(), "192.168.0.4");
    EXPECT_EQ(settings.node.members[3].client_port, 7004);
}

TEST(KvnodeSettings, ThatContradictEachOtherAreNamedWithTheirPlace) {
    EXPECT_THAT(mistakes_in("node 4\nfolder data\n" + three_members),
                Contains(HasSubstr("kv.conf:1: node 4 is not among the members")));
    EXPECT_THAT(mistakes_in("node 1\nfolder data\nheartbeat 40ms\n" + three_members),
                Contains(HasSubstr("more than twice the heartbeat")));
    EXPECT_THAT(mistakes_in("node 1\nfolder data\nlease 80ms\n" + three_members),
                Contains(HasSubstr("kv.conf:3: make it shorter than the detection floor")));
    EXPECT_THAT(mistakes_in("node 1\nfolder data\nmember 1 127.0.0.1:7101 127.0.0.1:7001\n"
                            "member 2 127.0.0.1:7102 127.0.0.1:7002\n"),
                Contains(HasSubstr("2 members; a group has 1, 3 or 5")));
    EXPECT_THAT(mistakes_in("node 1\nfolder data\nmember one 127.0.0.1:7101 127.0.0.1:7001\n"),
                Contains(HasSubstr("kv.conf:3: \"one\" is no node number")));
    EXPECT_THAT(mistakes_in("node 1\nfolder data\nmember 1 127.0.0.1 127.0.0.1:7001\n"),
                Contains(HasSubstr("no address for peers")));
}

TEST(KvnodeSettings, TheExampleIsRightAsItStands) {
    EXPECT_THAT(mistakes_in(ftcore::example_text(setting_table())), IsEmpty());
}

}  // namespace
}  // namespace kvnode
