// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/process.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>

#include "harness/base/network_namespace.hpp"
#include "harness/launch/cgroup.hpp"
#include "harness/launch/network_rights.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/spawn_clone3.hpp"
#include "tests/unit/launch/launch_fixture.hpp"
#include "tests/unit/launch/network_fixture.hpp"

namespace faultline {
namespace {

using test::patience;
using testing::HasSubstr;

// Every property of the launcher holds for both ways of launching.
class Spawn : public testing::TestWithParam<LaunchMethod> {
  protected:
    void SetUp() override {
        if (GetParam() == LaunchMethod::clone3 && !clone3_works()) {
            GTEST_SKIP() << "clone3 is not available here";
        }
    }
    static SpawnRequest shell(const std::string& script) {
        SpawnRequest request;
        request.command = {"sh", "-c", script};
        request.environment = test::plain_environment();
        return request;
    }
    static std::optional<ExitStatus> wait(Process& process) {
        EXPECT_TRUE(wait_ended(process.pidfd(), now() + patience));
        return process.poll();
    }
    // What the process writes to its standard output.
    std::string output_of(SpawnRequest request) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        const UniqueFd reader(ends[0]);
        UniqueFd writer(ends[1]);
        request.standard_fds[1] = writer.get();
        auto process = spawn(request, GetParam());
        writer.reset();
        if (!process) return "not started: " + process.error().message;
        std::string text;
        char buffer[4096];
        for (ssize_t count = 0; (count = ::read(reader.get(), buffer, sizeof buffer)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(count));
        }
        wait(*process);
        return text;
    }
};

INSTANTIATE_TEST_SUITE_P(Methods,
                         Spawn,
                         testing::Values(LaunchMethod::clone3, LaunchMethod::boost_process),
                         [](const auto& method) {
                             return method.param == LaunchMethod::clone3 ? "Clone3" : "Boost";
                         });

TEST_P(Spawn, TellsExitCodeNineFromSignalNine) {
    auto exits = spawn(shell("exit 9"), GetParam());
    ASSERT_TRUE(exits) << exits.error().message;
    const auto exited = wait(*exits);
    ASSERT_TRUE(exited);
    EXPECT_EQ(exited->code, 9);
    EXPECT_EQ(exited->signal, std::nullopt);
    EXPECT_EQ(describe(*exited), "exit code 9");

    auto sleeps = spawn(shell("exec sleep 1000"), GetParam());
    ASSERT_TRUE(sleeps) << sleeps.error().message;
    EXPECT_EQ(sleeps->poll(), std::nullopt);
    EXPECT_TRUE(sleeps->signal(SIGKILL));
    const auto killed = wait(*sleeps);
    ASSERT_TRUE(killed);
    EXPECT_EQ(killed->code, std::nullopt);
    EXPECT_EQ(killed->signal, SIGKILL);
    EXPECT_EQ(describe(*killed), "signal 9 (KILL)");
}

TEST_P(Spawn, StartsInTheNetworkNamespaceAskedForAndStaysWhereItIs) {
    if (const auto rights = enter_user_namespace_if_needed(); !rights)
        GTEST_SKIP() << rights.error().message;
    const auto network = make_network_namespace();
    ASSERT_TRUE(network) << network.error().message;
    const ino_t before = test::own_network();
    SpawnRequest request = shell("stat -L -c %i /proc/self/ns/net");
    request.network_fd = network->get();
    EXPECT_EQ(output_of(request), std::to_string(test::namespace_inode(network->get())) + "\n");
    EXPECT_EQ(test::own_network(), before);
    EXPECT_EQ(output_of(shell("stat -L -c %i /proc/self/ns/net")), std::to_string(before) + "\n");
}

TEST_P(Spawn, SaysThatItCouldNotEnterANetworkNamespace) {
    const UniqueFd no_namespace(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    SpawnRequest request = shell("exit 0");
    request.network_fd = no_namespace.get();
    const auto process = spawn(request, GetParam());
    ASSERT_FALSE(process);
    EXPECT_THAT(process.error().message, HasSubstr("entering the network namespace"));
}

TEST_P(Spawn, KeepsTheExitStatusAfterReaping) {
    auto process = spawn(shell("exit 3"), GetParam());
    ASSERT_TRUE(process);
    const auto first = wait(*process);
    const auto second = process->poll();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->seen, second->seen);
    const auto late = process->signal(SIGTERM);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::not_found);
}

TEST_P(Spawn, RefusesToSignalAZombie) {
    auto process = spawn(shell("exit 0"), GetParam());
    ASSERT_TRUE(process);
    ASSERT_TRUE(wait_ended(process->pidfd(), now() + patience));
    const auto sent = process->signal(SIGTERM);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::not_found);
    process->poll();
}

TEST_P(Spawn, NamesTheProcessByItsStartTime) {
    auto process = spawn(shell("exec sleep 1000"), GetParam());
    ASSERT_TRUE(process);
    const auto stat = process_stat(process->pid());
    ASSERT_TRUE(stat);
    EXPECT_GT(process->start_ticks(), 0U);
    EXPECT_EQ(process->start_ticks(), stat->start_ticks);
    ASSERT_TRUE(process->signal(SIGKILL));
    wait(*process);
}

TEST_P(Spawn, MakesASessionAndGroupOfItsOwn) {
    auto process = spawn(shell("exec sleep 1000"), GetParam());
    ASSERT_TRUE(process);
    const auto stat = process_stat(process->pid());
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->session, process->pid());
    EXPECT_EQ(stat->group, process->pid());
    ASSERT_TRUE(process->signal(SIGKILL));
    wait(*process);
}

TEST_P(Spawn, GivesExactlyTheEnvironment) {
    SpawnRequest request;
    request.command = {"/usr/bin/env"};
    request.environment = {{"ONE", "1"}, {"TWO", "a b=c"}};
    EXPECT_EQ(output_of(request), "ONE=1\nTWO=a b=c\n");
}

TEST_P(Spawn, PassesArgumentsUnchanged) {
    SpawnRequest request = shell("printf '%s|' \"$@\"");
    request.command.insert(request.command.end(), {"zero", "", "a b", "$HOME", "*"});
    EXPECT_EQ(output_of(request), "|a b|$HOME|*|");
}

TEST_P(Spawn, LeaksNoDescriptor) {
    const int leaky = ::open("/etc/passwd", O_RDONLY);  // on purpose without O_CLOEXEC
    const std::string fds = output_of(shell("ls /proc/self/fd"));
    ::close(leaky);
    EXPECT_EQ(fds, "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST_P(Spawn, SwapsStandardDescriptorsWithoutOverwritingOne) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const UniqueFd saved(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    ::dup2(writer.get(), STDIN_FILENO);  // the pipe is now descriptor 0
    SpawnRequest request = shell("echo out; echo error >&2");
    request.standard_fds = {-1, STDIN_FILENO, STDIN_FILENO};
    auto process = spawn(request, GetParam());
    ::dup2(saved.get(), STDIN_FILENO);
    writer.reset();
    ASSERT_TRUE(process) << process.error().message;
    wait(*process);
    char buffer[64] = {};
    ASSERT_GT(::read(reader.get(), buffer, sizeof buffer), 0);
    EXPECT_STREQ(buffer, "out\nerror\n");
}

TEST_P(Spawn, HasDefaultSignalsAndAnEmptyMask) {
    auto* const before = std::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    sigset_t mask_before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, &mask_before);
    const std::string status = output_of(shell("exec grep -E 'SigBlk|SigIgn' /proc/self/status"));
    pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
    std::signal(SIGPIPE, before);
    EXPECT_EQ(status, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_P(Spawn, RunsInTheFolder) {
    SpawnRequest request = shell("pwd");
    request.folder = "/usr";
    EXPECT_EQ(output_of(request), "/usr\n");
}

TEST_P(Spawn, LimitsOpenFiles) {
    SpawnRequest request = shell("ulimit -n");
    request.limits.open_files = 64;
    EXPECT_EQ(output_of(request), "64\n");
}

TEST_P(Spawn, LimitsMemory) {
    SpawnRequest request = shell("ulimit -d");
    request.limits.memory_bytes = 64 << 20;
    EXPECT_EQ(output_of(request), "65536\n");
}

TEST_P(Spawn, ReportsAProgramThatIsNotThere) {
    SpawnRequest request;
    request.command = {"no-such-program-at-all"};
    request.environment = test::plain_environment();
    const auto process = spawn(request, GetParam());
    ASSERT_FALSE(process);
    EXPECT_EQ(process.error().code, ErrorCode::not_found);
    EXPECT_THAT(process.error().message, HasSubstr("execve no-such-program-at-all: No such file"));
    request.command = {"/no/such/program"};
    const auto absolute = spawn(request, GetParam());
    ASSERT_FALSE(absolute);
    EXPECT_EQ(absolute.error().code, ErrorCode::not_found);
    EXPECT_THAT(absolute.error().message, HasSubstr("execve /no/such/program: No such file"));
}

TEST_P(Spawn, ReportsAProgramThatCannotBeExecuted) {
    SpawnRequest request;
    request.command = {"/etc/passwd"};
    const auto process = spawn(request, GetParam());
    ASSERT_FALSE(process);
    EXPECT_EQ(process.error().code, ErrorCode::permission);
    EXPECT_THAT(process.error().message, HasSubstr("execve /etc/passwd"));
}

TEST_P(Spawn, ReportsTheStepThatFailed) {
    SpawnRequest request = shell("true");
    request.folder = "/no/such/folder";
    const auto nowhere = spawn(request, GetParam());
    ASSERT_FALSE(nowhere);
    EXPECT_THAT(nowhere.error().message, HasSubstr("chdir /no/such/folder: No such file"));
    request.folder.clear();
    request.standard_fds[1] = 987654;
    const auto closed = spawn(request, GetParam());
    ASSERT_FALSE(closed);
    EXPECT_THAT(closed.error().message, HasSubstr("redirecting"));
}

TEST_P(Spawn, LooksUpTheProgramInTheGivenPath) {
    SpawnRequest request;
    request.command = {"env"};
    request.environment = {{"PATH", "/nowhere"}};
    EXPECT_FALSE(spawn(request, GetParam()));
    request.environment = {{"PATH", "/nowhere:/usr/bin"}};
    EXPECT_EQ(output_of(request), "PATH=/nowhere:/usr/bin\n");
}

TEST_P(Spawn, RefusesAnEmptyCommand) {
    EXPECT_FALSE(spawn(SpawnRequest{}, GetParam()));
}

TEST_P(Spawn, WorksFromSeveralThreadsAtOnce) {
    const SpawnRequest request = shell("exit 5");
    std::vector<int> wrong(4);
    std::vector<std::thread> threads;
    for (std::size_t index = 0; index < wrong.size(); ++index) {
        threads.emplace_back([&, index] {
            for (int round = 0; round < 25; ++round) {
                auto process = spawn(request, GetParam());
                if (!process || !wait_ended(process->pidfd(), now() + patience)) {
                    ++wrong[index];
                    continue;
                }
                const auto status = process->poll();
                if (!status || status->code != 5) ++wrong[index];
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST_P(Spawn, DiesWithTheThreadThatLaunchedIt) {
    Result<Process> process;
    std::thread([&] { process = spawn(shell("exec sleep 1000"), GetParam()); }).join();
    ASSERT_TRUE(process) << process.error().message;
    const auto status = wait(*process);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->signal, SIGKILL);
}

TEST_P(Spawn, IsBornInItsCgroup) {
    const auto root = writable_cgroup_root();
    if (!root) GTEST_SKIP() << root.error().message;
    auto group = Cgroup::create(*root / test::unique_name("fl-test"));
    ASSERT_TRUE(group) << group.error().message;
    SpawnRequest request = shell("exec sleep 1000");
    request.cgroup_fd = group->fd();
    auto process = spawn(request, GetParam());
    ASSERT_TRUE(process) << process.error().message;
    EXPECT_THAT(group->members().value(), testing::ElementsAre(process->pid()));
    EXPECT_TRUE(group->kill());
    const auto status = wait(*process);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->signal, SIGKILL);
    EXPECT_TRUE(group->remove());
}

TEST(LaunchMethodChoice, HasNames) {
    EXPECT_EQ(name_of(LaunchMethod::clone3), "clone3");
    EXPECT_EQ(name_of(LaunchMethod::boost_process), "boost.process");
}

TEST(ExitStatusText, SaysWhenSomebodyElseReaped) {
    EXPECT_EQ(describe(ExitStatus{}), "ended, reaped by someone else");
}

}  // namespace
}  // namespace faultline
