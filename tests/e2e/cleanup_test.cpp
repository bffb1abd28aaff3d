// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "harness/base/random.hpp"
#include "tests/e2e/faultline_program.hpp"

// Nothing is left, however a run ends. FAULTLINE_KILLS sets how many random instants are tried.

namespace faultline::e2e {
namespace {

constexpr auto gone_within = std::chrono::seconds(10);  // asked: 2 s on a quiet machine

int kills_asked(int otherwise) {
    const char* text = std::getenv("FAULTLINE_KILLS");
    return text == nullptr ? otherwise : std::atoi(text);
}

/// Starts `faultline run` with a mark in its environment that everything it starts inherits.
pid_t start_run(const Workplace& place, const std::string& mark) {
    std::fflush(nullptr);  // or the child prints it again
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::chdir(place.folder().c_str()) != 0) ::_exit(127);
    ::setenv("FAULTLINE_TEST", mark.c_str(), 1);
    if (std::freopen("output", "w", stdout) == nullptr || ::dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        ::_exit(127);
    ::execl(faultline_path().c_str(), "faultline", "run", "scenario.json", "--out", "out", nullptr);
    ::_exit(127);
}

/// The pid of the guardian of a run, by the name it gives itself; 0 while there is none.
pid_t guardian_of(pid_t harness) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const auto name = read_file(entry.path() / "comm");
        if (!name || *name != "fl-guardian\n") continue;
        const auto stat = read_file(entry.path() / "stat");
        if (stat && stat->find(") S " + std::to_string(harness) + " ") != std::string::npos) {
            return std::stoi(entry.path().filename().string());
        }
    }
    return 0;
}

template <class Condition>
bool comes_true(Condition condition, std::chrono::milliseconds within) {
    const Instant deadline = now() + within;
    while (!condition()) {
        if (now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

void expect_clean(const std::string& mark) {
    const bool clean = comes_true([&] { return remains(mark).empty(); }, gone_within);
    EXPECT_TRUE(clean) << ::testing::PrintToString(remains(mark));
}

constexpr const char* crash_and_hang = R"([
    {"fault": "process.hang", "on": "metronome[1]", "at": "20ms", "for": "60ms"},
    {"fault": "process.crash", "on": "metronome@primary", "at": "150ms"}])";

/// Kills a run at `instants` moments spread over its life and checks that nothing remains.
void kill_at_random_instants(int instants, const std::function<void(pid_t)>& kill_it) {
    Random random(20260101);
    for (int i = 0; i < instants; ++i) {
        const Workplace place;
        place.write("scenario.json", pair_scenario(crash_and_hang, R"(, "trials": {"count": 50})"));
        const std::string mark =
            "cleanup-" + std::to_string(::getpid()) + "-" + std::to_string(random.next());
        const pid_t pid = start_run(place, mark);
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(1'500'000)));
        kill_it(pid);
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        expect_clean(mark);
    }
}

TEST(Cleanup, LeavesNothingWhenTheHarnessIsKilledAtAnyInstant) {
    kill_at_random_instants(kills_asked(10), [](pid_t pid) { ::kill(pid, SIGKILL); });
}

TEST(Cleanup, LeavesNothingAndKeepsResultsWhenTerminatedOrInterrupted) {
    int number = 0;
    kill_at_random_instants(kills_asked(6),
                            [&](pid_t pid) { ::kill(pid, number++ % 2 == 0 ? SIGTERM : SIGINT); });
}

TEST(Cleanup, AnInterruptedRunEndsWith130AndCanBeResumed) {
    const Workplace place;
    place.write("scenario.json",
                pair_scenario(crash_and_hang, R"(, "trials": {"count": 4, "seed": 3})"));
    const std::string mark = "resume-" + std::to_string(::getpid());
    const pid_t pid = start_run(place, mark);
    const auto trials = place.folder() / "out/trials.jsonl";
    ASSERT_TRUE(
        comes_true([&] { return read_file(trials).value_or("").find('\n') != std::string::npos; },
                   std::chrono::seconds(60)));
    ::kill(pid, SIGINT);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 130) << read_file(place.folder() / "output").value_or("");
    expect_clean(mark);
    const auto resumed = place.faultline({"run", "--resume", "out"});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.output << resumed.error_output;
    const std::string lines = *read_file(trials);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 4);
}

TEST(Cleanup, WhenTheGuardianDiesTheHarnessUndoesEverythingAndSaysSo) {
    Random random(7);
    for (int i = 0; i < kills_asked(3); ++i) {
        const Workplace place;
        place.write("scenario.json", pair_scenario(crash_and_hang, R"(, "trials": {"count": 50})"));
        const std::string mark = "guardian-" + std::to_string(::getpid()) + "-" + std::to_string(i);
        const pid_t pid = start_run(place, mark);
        pid_t guardian = 0;
        ASSERT_TRUE(comes_true([&] { return (guardian = guardian_of(pid)) != 0; },
                               std::chrono::seconds(20)));
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(1'000'000)));
        ::kill(guardian, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 6) << read_file(place.folder() / "output").value_or("");
        expect_clean(mark);
    }
}

TEST(Cleanup, RecoverUndoesWhatIsLeftWhenBothAreKilled) {
    Random random(9);
    for (int i = 0; i < kills_asked(3); ++i) {
        const Workplace place;
        place.write("scenario.json", pair_scenario(crash_and_hang, R"(, "trials": {"count": 50})"));
        const std::string mark = "both-" + std::to_string(::getpid()) + "-" + std::to_string(i);
        const pid_t pid = start_run(place, mark);
        pid_t guardian = 0;
        ASSERT_TRUE(comes_true([&] { return (guardian = guardian_of(pid)) != 0; },
                               std::chrono::seconds(20)));
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(1'000'000)));
        ::kill(guardian, SIGKILL);
        ::kill(pid, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        const auto listed = place.faultline({"recover", "--dry-run"});
        EXPECT_EQ(listed.exit_code, 0) << listed.error_output;
        const auto recovered = place.faultline({"recover"});
        EXPECT_EQ(recovered.exit_code, 0) << recovered.output << recovered.error_output;
        expect_clean(mark);
    }
}

}  // namespace
}  // namespace faultline::e2e
