// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/network_rights.hpp"

#include <fcntl.h>
#include <functional>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <gmock/gmock.h>

#include "harness/base/network_namespace.hpp"
#include "harness/launch/network_fabric.hpp"
#include "harness/launch/process.hpp"
#include "tests/unit/launch/launch_fixture.hpp"
#include "tests/unit/launch/network_fixture.hpp"

namespace faultline {
namespace {

constexpr uid_t nobody = 65534;

/// What `tell` returns in a child that has no rights; the child is this process' copy.
std::string told_by_user(const std::function<std::string()>& tell) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::getuid() == 0 &&
            (::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0))
            ::_exit(1);
        ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // as after an exec: /proc/self is the user's
        static_cast<void>(write_all(writer.get(), tell()));
        ::_exit(0);
    }
    writer.reset();
    std::string told;
    for (std::string more; !(more = test::read_some(reader.get())).empty();)
        told += more;
    ::waitpid(child, nullptr, 0);
    return told;
}

class NetworkRights : public testing::Test {
  protected:
    void SetUp() override {
        const std::string found = told_by_user([] {
            const auto had = attempt_with_network_rights([] { return Result<>(); });
            return had ? "yes" : had.error().message;
        });
        if (found != "yes") GTEST_SKIP() << "no user namespaces here: " << found;
    }
};

TEST_F(NetworkRights, AreThereForThoseWhoHaveThem) {
    if (!may_use_network_namespaces()) GTEST_SKIP() << "needs CAP_SYS_ADMIN";
    const ino_t before = test::own_network();
    const auto entered = enter_user_namespace_if_needed();
    ASSERT_TRUE(entered) << entered.error().message;
    EXPECT_FALSE(*entered);
    EXPECT_EQ(test::own_network(), before);
}

TEST_F(NetworkRights, CanBeTriedWithoutGoingThere) {
    const ino_t before = test::own_network();
    EXPECT_TRUE(attempt_with_network_rights([] { return Result<>(may_use_network_namespaces()); }));
    const auto failed = attempt_with_network_rights([] { return Result<>(fail("no veth")); });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "no veth");
    EXPECT_EQ(test::own_network(), before);
}

TEST_F(NetworkRights, AreGivenToAUserInANamespaceOfItsOwn) {
    if (::getuid() != 0 && may_use_network_namespaces())
        GTEST_SKIP() << "an earlier test of this process has taken them";
    EXPECT_EQ(told_by_user([]() -> std::string {
                  const uid_t user = ::getuid();
                  const gid_t group = ::getgid();
                  const auto entered = enter_user_namespace_if_needed();
                  if (!entered) return entered.error().message;
                  if (!*entered) return "it had the rights";
                  if (::getuid() != user || ::getgid() != group) return "it is somebody else";
                  const auto fabric = NetworkFabric::create({"kv[0]", "load"});
                  if (!fabric) return fabric.error().message;
                  UniqueFd server;
                  {
                      const auto there = (*fabric)->enter("kv[0]");
                      if (!there) return there.error().message;
                      server = test::serve(SOCK_STREAM, "0.0.0.0", 4711);
                  }
                  const auto there = (*fabric)->enter("load");
                  if (!there) return there.error().message;
                  const auto client = test::call(SOCK_STREAM, (*fabric)->address("kv[0]"), 4711);
                  return client ? "connected" : "not connected";
              }),
              "connected");
}

TEST_F(NetworkRights, GiveLoopbackToTheUserItself) {
    EXPECT_EQ(told_by_user([]() -> std::string {
                  if (auto entered = enter_user_namespace_if_needed(); !entered)
                      return entered.error().message;
                  const UniqueFd server = test::serve(SOCK_STREAM, "127.0.0.1", 4711);
                  const auto client = test::call(SOCK_STREAM, "127.0.0.1", 4711);
                  return client ? "connected" : "not connected";
              }),
              "connected");
}

// Some servers refuse to start as root, and none should be able to do more than before.
TEST_F(NetworkRights, AreNotPassedOnToPrograms) {
    const auto text = told_by_user([]() -> std::string {
        const auto entered = enter_user_namespace_if_needed();
        if (!entered) return entered.error().message;
        const auto fabric = NetworkFabric::create({"kv[0]"});
        if (!fabric) return fabric.error().message;
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
        const UniqueFd reader(ends[0]);
        UniqueFd writer(ends[1]);
        SpawnRequest request;
        request.command = {"sh", "-c", "id -u; grep CapEff /proc/self/status"};
        request.environment = test::plain_environment();
        request.standard_fds[1] = writer.get();
        request.network_fd = (*fabric)->namespace_fd("kv[0]");
        const auto process = spawn(request, best_launch_method());
        if (!process) return process.error().message;
        writer.reset();
        std::string told;
        for (std::string more; !(more = test::read_some(reader.get())).empty();)
            told += more;
        return told;
    });
    const std::string user = std::to_string(::getuid() == 0 ? nobody : ::getuid());
    EXPECT_EQ(text, user + "\nCapEff:\t0000000000000000\n");
}

}  // namespace
}  // namespace faultline
