// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/observe/probe.hpp"
#include "tests/unit/observe/scripted_server.hpp"

namespace faultline {
namespace {

ProbeAnswer ask_role(const std::string& body, const std::string& status = "200 OK") {
    Loop loop;
    ScriptedServer server(loop, [&](const std::string& request) {
        EXPECT_THAT(request, testing::StartsWith("POST /v3/maintenance/status HTTP/1.1\r\n"));
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    });
    ProbeSpec spec{.kind = "etcd.role", .timeout = std::chrono::seconds(30)};
    auto probe = make_probe(loop, spec, {.instance = "etcd[0]", .port = server.port()});
    EXPECT_TRUE(probe);
    return ask(loop, **probe);
}

TEST(EtcdRoleProbe, TellsLeaderFollowerAndLeaderless) {
    EXPECT_EQ(ask_role(R"({"header":{"member_id":"17"},"leader":"17"})").value, "leader");
    EXPECT_EQ(ask_role(R"({"header":{"member_id":"17"},"leader":"18446744073709551615"})").value,
              "follower");
    EXPECT_EQ(ask_role(R"({"header":{"member_id":"17"}})").value, "leaderless");
}

TEST(EtcdRoleProbe, IsNotOkForAnythingElse) {
    EXPECT_FALSE(ask_role("[]").ok);
    EXPECT_FALSE(ask_role("no").ok);
    EXPECT_EQ(ask_role("{}", "503 No").error, "status 503");
}

}  // namespace
}  // namespace faultline
