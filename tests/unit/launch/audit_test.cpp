// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/audit.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "harness/launch/mount_table.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process.hpp"
#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Audit : public test::LaunchTest {
  protected:
    void SetUp() override {
        LaunchTest::SetUp();
        scope_.mark = test::unique_name("trial");
    }
    Process start(const std::string& script) {
        SpawnRequest request;
        request.command = {"sh", "-c", script};
        request.environment = test::plain_environment();
        request.environment["FAULTLINE_TRIAL"] = scope_.mark;
        auto process = spawn(request, best_launch_method());
        EXPECT_TRUE(process) << process.error().message;
        return std::move(*process);
    }
    static void end(Process& process) {
        static_cast<void>(process.signal(SIGKILL));
        EXPECT_TRUE(wait_ended(process.pidfd(), now() + test::patience));
        process.poll();
    }
    AuditScope scope_;
};

TEST_F(Audit, FindsNothingAfterACleanTrial) {
    scope_.temporary_paths = {folder() / "absent"};
    scope_.cgroups = {"/sys/fs/cgroup/absent"};
    EXPECT_THAT(audit_leaks(scope_), IsEmpty());
}

TEST_F(Audit, NamesARunningProcess) {
    Process process = start("exec sleep 1000");
    ASSERT_TRUE(test::eventually([&] { return process_stat(process.pid())->name == "sleep"; }));
    EXPECT_THAT(audit_leaks(scope_),
                ElementsAre("process " + std::to_string(process.pid()) +
                            " (sleep) of the trial still runs"));
    scope_.known_children = {process.pid()};
    EXPECT_THAT(audit_leaks(scope_), ElementsAre(HasSubstr("still runs")))
        << "the mark counts more";
    end(process);
}

TEST_F(Audit, NamesAChildThatNobodyKnows) {
    SpawnRequest request;
    request.command = {"sleep", "1000"};
    request.environment = test::plain_environment();
    auto process = spawn(request, best_launch_method());
    ASSERT_TRUE(process) << process.error().message;
    EXPECT_THAT(audit_leaks(scope_), ElementsAre(HasSubstr(std::to_string(process->pid()))));
    scope_.known_children = {process->pid()};
    EXPECT_THAT(audit_leaks(scope_), IsEmpty());
    end(*process);
}

TEST_F(Audit, NamesAProcessThatGetsItsMarkWhileItLooks) {
    SpawnRequest request;
    request.command = {
        "sh", "-c", "sleep 0.05; FAULTLINE_TRIAL=" + scope_.mark + " exec sleep 1000"};
    request.environment = test::plain_environment();
    auto process = spawn(request, best_launch_method());
    ASSERT_TRUE(process) << process.error().message;
    EXPECT_THAT(audit_leaks(scope_), ElementsAre(HasSubstr(std::to_string(process->pid()))));
    end(*process);
}

TEST_F(Audit, LeavesTheProcessesOfOtherTrialsAlone) {
    SpawnRequest request;
    request.command = {"sleep", "1000"};
    request.environment = test::plain_environment();
    request.environment["FAULTLINE_TRIAL"] = scope_.mark + "-other";
    auto process = spawn(request, best_launch_method());
    ASSERT_TRUE(process) << process.error().message;
    EXPECT_THAT(audit_leaks(scope_), IsEmpty());
    end(*process);
}

TEST_F(Audit, NamesAStoppedProcessAsStopped) {
    Process process = start("exec sleep 1000");
    ASSERT_TRUE(process.signal(SIGSTOP));
    ASSERT_TRUE(test::eventually([&] { return process_stat(process.pid())->state == 'T'; }));
    EXPECT_THAT(audit_leaks(scope_), ElementsAre(HasSubstr("stopped")));
    end(process);
}

TEST_F(Audit, NamesAZombie) {
    Process process = start("exit 0");
    ASSERT_TRUE(wait_ended(process.pidfd(), now() + test::patience));
    EXPECT_THAT(audit_leaks(scope_), ElementsAre(HasSubstr("zombie")));
    process.poll();
    EXPECT_THAT(audit_leaks(scope_), IsEmpty());
}

TEST_F(Audit, NamesAListeningPort) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
    ASSERT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
    scope_.ports = {ntohs(name.sin_port)};
    EXPECT_THAT(audit_leaks(scope_), IsEmpty()) << "bound is not yet listening";
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    EXPECT_THAT(audit_leaks(scope_), ElementsAre(HasSubstr(std::to_string(scope_.ports[0]))));
    socket.reset();
    EXPECT_THAT(audit_leaks(scope_), IsEmpty());
}

TEST_F(Audit, NamesTemporaryPathsAndCgroupsThatAreStillThere) {
    const auto path = folder() / "temporary";
    ASSERT_TRUE(make_folder(path));
    scope_.temporary_paths = {path};
    scope_.cgroups = {folder()};  // any folder will do
    EXPECT_THAT(audit_leaks(scope_),
                ElementsAre("cgroup " + folder().string() + " is left behind",
                            "temporary " + path.string() + " is left behind"));
}

TEST_F(Audit, NamesAMount) {
    const auto path = folder() / "mount point";
    ASSERT_TRUE(make_folder(path));
    if (::mount("faultline-test", path.c_str(), "tmpfs", 0, "size=64k") != 0) {
        GTEST_SKIP() << "mounting is not permitted here";
    }
    EXPECT_THAT(mounts_below(folder()), ElementsAre(path));
    EXPECT_THAT(mounts_below(folder() / "mount"), IsEmpty());
    scope_.temporary_paths = {path};
    EXPECT_THAT(audit_leaks(scope_), testing::Contains(path.string() + " is still mounted"));
    EXPECT_EQ(::umount(path.c_str()), 0);
}

TEST_F(Audit, ListsTheChildrenOfThisProcess) {
    EXPECT_THAT(children_of_self(), IsEmpty());
    Process process = start("exec sleep 1000");
    EXPECT_THAT(children_of_self(), ElementsAre(process.pid()));
    end(process);
    EXPECT_THAT(children_of_self(), IsEmpty());
}

TEST_F(Audit, ReapsOrphansThatCameBackAndSparesOurOwn) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    Process target = start("exec sleep 1000");
    // Ends at once and leaves two behind: one that has ended too, one that has not.
    Process launcher = start("(sleep 1000 &) ; (true &) ; (setsid sleep 1000 &) ; exit 0");
    ASSERT_TRUE(wait_ended(launcher.pidfd(), now() + test::patience));
    launcher.poll();
    ASSERT_TRUE(test::eventually([&] { return children_of_self().size() >= 3; }));
    EXPECT_TRUE(test::eventually([&] {
        reap_orphans(scope_.mark, {target.pid()});
        return children_of_self() == std::vector<pid_t>{target.pid()};
    }));
    EXPECT_EQ(target.poll(), std::nullopt) << "our own target was killed";
    end(target);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(Audit, LeavesTheExitStatusOfATargetToItsOwner) {
    Process target = start("exit 7");
    ASSERT_TRUE(wait_ended(target.pidfd(), now() + test::patience));
    EXPECT_EQ(reap_orphans(scope_.mark), 0);
    const auto status = target.poll();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 7);
}

}  // namespace
}  // namespace faultline
