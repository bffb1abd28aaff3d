// SPDX-License-Identifier: Apache-2.0
#include "harness/base/netlink.hpp"

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <gmock/gmock.h>

#include "harness/base/network_namespace.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

constexpr std::uint16_t number_type = 3;
constexpr std::uint16_t nest_type = 5;

std::string attribute(std::uint16_t type, const std::string& bytes) {
    nlattr header{};
    header.nla_len = static_cast<std::uint16_t>(sizeof header + bytes.size());
    header.nla_type = type;
    std::string text(reinterpret_cast<const char*>(&header), sizeof header);
    text += bytes;
    text.resize((text.size() + 3) & ~std::size_t{3});
    return text;
}

TEST(NetlinkAttributes, AreReadWithTheirPaddingAndWithoutTheirFlags) {
    const std::string bytes =
        attribute(number_type, "abcde") + attribute(nest_type | NLA_F_NESTED, attribute(1, "x"));
    const auto found = netlink_attributes(bytes);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].type, number_type);
    EXPECT_EQ(found[0].bytes, "abcde");
    EXPECT_EQ(found[1].type, nest_type);
    EXPECT_EQ(netlink_attribute(netlink_attribute(bytes, nest_type), 1), "x");
    EXPECT_EQ(netlink_attribute(bytes, 99), "");
}

TEST(NetlinkAttributes, StopAtWhatDoesNotParse) {
    std::string bytes = attribute(number_type, "ab");
    EXPECT_TRUE(netlink_attributes(bytes.substr(0, 3)).empty());
    EXPECT_TRUE(netlink_attributes(bytes.substr(0, 5)).empty());
    bytes[0] = 1;  // shorter than its own header
    EXPECT_TRUE(netlink_attributes(bytes).empty());
}

NetlinkMessages question_about(int index) {
    NetlinkMessages messages;
    messages.begin(RTM_GETLINK, 0, "looking at a device");
    ifinfomsg header{};
    header.ifi_index = index;
    messages.raw(&header, sizeof header);
    messages.end();
    return messages;
}

TEST(NetlinkSocket, AnswersWithAMessage) {
    auto socket = NetlinkSocket::open(NETLINK_ROUTE);
    ASSERT_TRUE(socket) << socket.error().message;
    const auto answers = socket->ask(question_about(1));
    ASSERT_TRUE(answers) << answers.error().message;
    ASSERT_EQ(answers->size(), 1U);
    const auto attributes = std::string_view(answers->front().bytes).substr(sizeof(ifinfomsg));
    EXPECT_STREQ(std::string(netlink_attribute(attributes, IFLA_IFNAME)).c_str(), "lo");
}

TEST(NetlinkSocket, SaysWhatItWasDoingWhenTheKernelRefuses) {
    auto socket = NetlinkSocket::open(NETLINK_ROUTE);
    ASSERT_TRUE(socket) << socket.error().message;
    const auto answers = socket->ask(question_about(1 << 30));
    ASSERT_FALSE(answers);
    EXPECT_THAT(answers.error().message, HasSubstr("looking at a device: No such device"));
    EXPECT_TRUE(socket->ask(question_about(1))) << "the next question is answered";
}

TEST(NetlinkSocket, NamesTheFirstOfSeveralMessagesThatFailed) {
    auto socket = NetlinkSocket::open(NETLINK_ROUTE);
    ASSERT_TRUE(socket) << socket.error().message;
    NetlinkMessages messages;
    for (const char* doing : {"the first", "the second"}) {
        messages.begin(RTM_NEWNEIGH, NLM_F_CREATE, doing);
        ndmsg header{};
        header.ndm_family = AF_INET;
        header.ndm_ifindex = 1 << 30;  // no such device, whoever asks
        messages.raw(&header, sizeof header);
        messages.put_big(NDA_DST, 0x7f000001);
        messages.end();
    }
    const auto sent = socket->send(std::move(messages));
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().message, HasSubstr("the first"));
}

TEST(NetworkNamespace, IsEnteredAndLeftByOneThread) {
    if (const auto may = may_use_network_namespaces(); !may) GTEST_SKIP() << may.error().message;
    const auto made = make_network_namespace();
    ASSERT_TRUE(made) << made.error().message;
    const auto devices = [] {
        auto socket = NetlinkSocket::open(NETLINK_ROUTE);
        EXPECT_TRUE(socket);
        NetlinkMessages all;
        all.begin(RTM_GETLINK, NLM_F_DUMP, "listing devices");
        const ifinfomsg header{};
        all.raw(&header, sizeof header);
        all.end();
        const auto answers = socket->ask(std::move(all));
        EXPECT_TRUE(answers);
        return answers ? answers->size() : 0;
    };
    const std::size_t outside = devices();
    {
        const auto there = InNetworkNamespace::enter(made->get());
        ASSERT_TRUE(there) << there.error().message;
        EXPECT_EQ(devices(), 1U);
    }
    EXPECT_EQ(devices(), outside);
}

}  // namespace
}  // namespace faultline
