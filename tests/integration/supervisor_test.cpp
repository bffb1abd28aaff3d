// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/supervisor_program.hpp"

namespace faultline::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

/// A shell child that says "started NAME PID", and "stopped NAME" when it is asked to stop.
std::string talking_child(const std::string& name, const std::string& options = "") {
    return name + " " + options + " -- sh -c \"trap 'echo stopped " + name +
           "; exit 0' TERM; echo started " + name + " $$; sleep 1000 & wait\"";
}

/// A child that beats.
std::string beating_child(const std::string& timeout, const std::string& options = "") {
    return "beater heartbeat=" + timeout + " " + options + " -- " SUPERVISED_CHILD;
}

/// The processes of talking children, which come to speak in any order.
std::map<std::string, pid_t> pids_of(SupervisorProgram& program,
                                     const std::set<std::string>& names) {
    std::map<std::string, pid_t> pids;
    while (pids.size() < names.size()) {
        const std::string line = program.wait_for("started ");
        if (line.empty()) break;  // the test has failed
        std::istringstream words(line);
        std::string said;
        std::string name;
        pid_t pid = 0;
        words >> said >> name >> pid;
        if (names.contains(name)) pids[name] = pid;
    }
    for (const std::string& name : names)
        pids.try_emplace(name, 0);
    return pids;
}

/// Who of the talking children stopped, in order.
Words stopped_children(const SupervisorProgram& program) {
    Words stopped;
    for (const std::string& line : program.lines()) {
        if (line.starts_with("stopped ")) stopped.push_back(line.substr(8));
    }
    return stopped;
}

// ---- repairing

TEST(Supervisor, RestartsAChildThatCrashes) {
    SupervisorProgram program({"--child", talking_child("a"), "--verified-after", "10ms"});
    const WatchedProcess first(program.wait_for_pid("started a"));
    first.send_signal(SIGKILL);
    EXPECT_THAT(program.wait_for("detected a"),
                AllOf(HasSubstr("cause=crash"), HasSubstr("detail=\"signal 9 (Killed)\"")));
    program.wait_for("decided a action=restart");
    EXPECT_NE(program.wait_for_pid("started a"), first.pid());
    program.wait_for("verified a");
}

TEST(Supervisor, KillsAndRestartsAChildThatHangs) {
    SupervisorProgram program({"--child", beating_child("400ms")});
    const WatchedProcess first(program.wait_for_pid("started"));
    program.wait_for("alive");
    first.send_signal(SIGSTOP);
    EXPECT_THAT(program.wait_for("detected beater"), HasSubstr("cause=hang"));
    EXPECT_TRUE(first.ends());
    EXPECT_NE(program.wait_for_pid("started"), first.pid());
    program.wait_for("verified beater by=beat");
}

TEST(Supervisor, RestartsAllForOneInOrder) {
    SupervisorProgram program({"--strategy",
                               "one_for_all",
                               "--child",
                               talking_child("a"),
                               "--child",
                               talking_child("b"),
                               "--child",
                               talking_child("c")});
    const auto pids = pids_of(program, {"a", "b", "c"});
    WatchedProcess(pids.at("b")).send_signal(SIGKILL);
    program.wait_for("stopped c");
    program.wait_for("stopped a");
    program.wait_for("repaired a");
    program.wait_for("repaired b");
    program.wait_for("repaired c");
}

TEST(Supervisor, GivesUpWhenRestartsDoNotHelp) {
    SupervisorProgram program({"--intensity",
                               "2",
                               "--backoff",
                               "1ms",
                               "--child",
                               talking_child("a"),
                               "--child",
                               "broken -- sh -c 'exit 7'"});
    EXPECT_THAT(program.wait_for("detected broken"), HasSubstr("exit code 7"));
    program.wait_for("decided broken action=give_up");
    program.wait_for("ended supervisor detail=\"gave up\"");
    EXPECT_EQ(program.wait_exit(), 3);
}

// ---- ending

TEST(Supervisor, StopsInReverseOrderAndLeavesNothingBehind) {
    // The orphan has left its session, where a kill of the group does not reach it.
    SupervisorProgram program(
        {"--child",
         talking_child("a"),
         "--child",
         talking_child("b"),
         "--child",
         "daemon -- sh -c \"setsid sleep 1000 & echo started orphan $!; echo started leader $$; "
         "wait\""});
    std::vector<WatchedProcess> processes;
    for (const auto& [name, pid] : pids_of(program, {"a", "b", "orphan", "leader"}))
        processes.emplace_back(pid);
    program.send_signal(SIGTERM);
    EXPECT_EQ(program.wait_exit(), 0);
    EXPECT_THAT(stopped_children(program), ElementsAre("b", "a"));
    for (const WatchedProcess& process : processes)
        EXPECT_TRUE(process.ends());
}

TEST(Supervisor, KillsWhenToldToStopTwice) {
    SupervisorProgram program(
        {"--stop-within",
         "1h",
         "--child",
         "stubborn -- sh -c \"trap '' TERM; echo started $$; while :; do sleep 1000; done\""});
    const WatchedProcess child(program.wait_for_pid("started"));
    program.send_signal(SIGTERM);
    program.wait_for("stopping supervisor");
    program.send_signal(SIGUSR1);
    EXPECT_THAT(program.wait_for("state stubborn"), HasSubstr("stopping"));
    program.send_signal(SIGTERM);
    EXPECT_EQ(program.wait_exit(), 0);
    EXPECT_TRUE(child.ends());
}

TEST(Supervisor, EndsWithTheLastChildThatIsNotRestarted) {
    SupervisorProgram program({"--child", "once restart=transient -- true"});
    EXPECT_EQ(program.wait_exit(), 0);
    EXPECT_THAT(program.lines().back(), HasSubstr("every child has ended"));
}

TEST(Supervisor, SaysWhenAChildCannotBeStarted) {
    SupervisorProgram program({"--child", "a -- sleep 1000", "--child", "b -- /nowhere/program"});
    EXPECT_THAT(program.wait_for("error b"), HasSubstr("/nowhere/program"));
    EXPECT_EQ(program.wait_exit(), 4);
}

TEST(Supervisor, TakesItsChildrenAlongWhenItIsKilled) {
    // One process: what it starts itself outlives it when nobody is left to see to that.
    SupervisorProgram program({"--child", "a -- sh -c 'echo started a $$; exec sleep 1000'"});
    const WatchedProcess child(program.wait_for_pid("started a"));
    program.send_signal(SIGKILL);
    EXPECT_EQ(program.wait_exit(), -SIGKILL);
    EXPECT_TRUE(child.ends());
}

// ---- when it is stuck itself

TEST(Supervisor, LeavesItsChildrenAloneWhileItIsStuckAndAfter) {
    SupervisorProgram program({"--child", beating_child("2s")});
    program.wait_for("started");
    program.send_signal(SIGSTOP);
    // A line takes the child 50 ms at least: a silence of more than the timeout, in all.
    for (int line = 0; line < 45; ++line)
        program.wait_for("alive");
    program.send_signal(SIGCONT);
    for (int line = 0; line < 5; ++line)
        program.wait_for("alive");
    program.send_signal(SIGUSR1);
    EXPECT_THAT(program.wait_for("state beater"),
                AllOf(HasSubstr(": up for"), HasSubstr(" 0 restarts")));
}

// ---- what children get

TEST(Supervisor, GivesChildrenTheirEnvironmentAndFolder) {
    SupervisorProgram program(
        {"--child",
         "a restart=temporary env=COLOUR=red folder=/usr -- sh -c 'echo $COLOUR $SHADE $(pwd)'"},
        {{"SHADE", "dark"}});
    program.wait_for("red dark /usr");
}

TEST(Supervisor, SupervisesASupervisor) {
    SupervisorProgram program({"--child",
                               "inner heartbeat=5s -- " SUPERVISOR_PROGRAM
                               " --log no --child \"leaf heartbeat=5s -- " SUPERVISED_CHILD "\""});
    program.wait_for("started");
    program.wait_for("ready");  // the inner one has beaten
}

TEST(Supervisor, TellsTheHarness) {
    std::string folder = (std::filesystem::temp_directory_path() / "supervisor-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/events";
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto next_event = [&socket] {
        std::array<char, 4096> datagram{};
        const ssize_t count = ::recv(socket.get(), datagram.data(), datagram.size(), 0);
        return std::string(datagram.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    };
    SupervisorProgram program({"--child", beating_child("5s", "event-name=kv[0]"), "--log", "no"},
                              {{"FAULTLINE_EVENTS", path}, {"FAULTLINE_INSTANCE", "sup[0]"}});
    const WatchedProcess child(program.wait_for_pid("started"));
    EXPECT_THAT(next_event(), HasSubstr(R"("event":"ready")"));
    child.send_signal(SIGKILL);
    EXPECT_THAT(next_event(),
                AllOf(HasSubstr(R"("event":"detected")"),
                      HasSubstr(R"("from":"sup[0]")"),
                      HasSubstr(R"("about":"kv[0]")"),
                      HasSubstr(R"("cause":"crash")")));
    EXPECT_THAT(next_event(), HasSubstr(R"("event":"decided")"));
    EXPECT_THAT(next_event(),
                AllOf(HasSubstr(R"("event":"repair")"), HasSubstr(R"("state":"begin")")));
    EXPECT_THAT(next_event(), HasSubstr(R"("event":"repaired")"));
    EXPECT_THAT(next_event(),
                AllOf(HasSubstr(R"("event":"verified")"), HasSubstr(R"("by":"beat")")));
    std::filesystem::remove_all(folder);
}

// ---- configuration

TEST(Supervisor, SaysEverythingThatIsWrongAndDoesNotStart) {
    SupervisorProgram program(
        {"--child", "a hartbeat=1s -- sleep 1", "--strategy", "one_for_none"});
    EXPECT_EQ(program.wait_exit(), 2);
    EXPECT_THAT(program.lines(), ElementsAre(HasSubstr("one_for_none")));
    SupervisorProgram second({"--child", "a hartbeat=1s -- sleep 1"});
    EXPECT_EQ(second.wait_exit(), 2);
    EXPECT_THAT(second.lines(), ElementsAre(HasSubstr("did you mean \"heartbeat\"?")));
}

TEST(Supervisor, ExplainsItself) {
    SupervisorProgram program({"--help"});
    program.wait_for("Exit codes:");
    EXPECT_EQ(program.wait_exit(), 0);
    SupervisorProgram check({"--check", "/nowhere/supervisor.conf"});
    EXPECT_EQ(check.wait_exit(), 2);
}

}  // namespace
}  // namespace faultline::testing
