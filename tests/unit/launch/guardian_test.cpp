// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/guardian.hpp"

#include <csignal>
#include <fcntl.h>
#include <iterator>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "harness/launch/audit.hpp"
#include "harness/launch/cgroup.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process.hpp"
#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

using Kind = UndoRecord::Kind;

UndoRecord removal_of(const std::filesystem::path& path) {
    UndoRecord record;
    record.kind = Kind::remove_path;
    record.path = path;
    return record;
}

// A process that plays the harness, forked off the test, and says on a pipe how far it got.
class GuardedHarness : public test::LaunchTest {
  protected:
    void SetUp() override {
        LaunchTest::SetUp();
        run_ = test::unique_name("run");
    }

    // Runs `life` in the child, which then waits to be killed. Returns what `life` wrote to the
    // pipe.
    std::string begin(const std::function<std::string(const std::string& run)>& life) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            const std::string said = life(run_) + "\n";
            static_cast<void>(write_all(ends[1], said));
            for (;;)
                ::pause();
        }
        ::close(ends[1]);
        std::string text;
        for (char letter = 0; ::read(ends[0], &letter, 1) == 1 && letter != '\n';)
            text += letter;
        ::close(ends[0]);
        return text;
    }
    void kill_harness() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    [[nodiscard]] const std::string& run() const { return run_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    bool nothing_is_left() {
        return test::eventually([&] {
            return processes_marked("FAULTLINE_RUN", run_).empty() && list_journals()->empty();
        });
    }

  private:
    std::string run_;
    pid_t pid_ = -1;
};

Result<Process> start_marked(const std::string& run, const std::string& script) {
    SpawnRequest request;
    request.command = {"sh", "-c", script};
    request.environment = test::plain_environment();
    request.environment["FAULTLINE_RUN"] = run;
    return spawn(request, best_launch_method());
}

// A guardian kept alive for the rest of the child's life.
Guardian& guard(const std::string& run) {
    auto guardian = Guardian::start(run);
    if (!guardian) {
        std::fprintf(stderr, "%s\n", guardian.error().message.c_str());
        ::_exit(1);
    }
    return *guardian->release();
}

TEST_F(GuardedHarness, LeavesNothingWhenItIsKilled) {
    const auto temporary = folder() / "temporary";
    ASSERT_TRUE(make_folder(temporary / "below"));
    begin([&](const std::string& run) {
        Guardian& guardian = guard(run);
        static_cast<void>(guardian.add(removal_of(temporary)));
        // Forked twice, sessions of their own, deaf to SIGTERM: neither PDEATHSIG nor the parent
        // helps.
        auto process = start_marked(
            run, "setsid sh -c 'trap \"\" TERM HUP INT; sleep 1000 & sleep 1000 & wait' & wait");
        static_cast<void>(
            test::eventually([&] { return processes_marked("FAULTLINE_RUN", run).size() >= 4; }));
        return std::string("ready");
    });
    EXPECT_GE(processes_marked("FAULTLINE_RUN", run()).size(), 4U);
    kill_harness();
    EXPECT_TRUE(nothing_is_left());
    EXPECT_FALSE(std::filesystem::exists(temporary));
}

TEST_F(GuardedHarness, LeavesNoCgroupWhenItIsKilled) {
    const auto root = writable_cgroup_root();
    if (!root) GTEST_SKIP() << root.error().message;
    const auto path = *root / test::unique_name("fl-test");
    begin([&](const std::string& run) {
        Guardian& guardian = guard(run);
        UndoRecord record;
        record.kind = Kind::kill_cgroup;
        record.path = path;
        static_cast<void>(guardian.add(record));
        auto group = Cgroup::create(path);
        SpawnRequest request;
        request.command = {"sleep", "1000"};  // without the mark: only the cgroup knows it
        request.environment = test::plain_environment();
        request.cgroup_fd = group->fd();
        auto process = spawn(request, best_launch_method());
        static_cast<void>(write_control(path / "cgroup.freeze", "1"));
        return std::to_string(process->pid());
    });
    EXPECT_TRUE(std::filesystem::exists(path));
    kill_harness();
    EXPECT_TRUE(nothing_is_left());
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(GuardedHarness, IsRecoveredAfterItAndItsGuardianWereKilled) {
    const auto temporary = folder() / "temporary";
    ASSERT_TRUE(make_folder(temporary));
    const std::string guardian_pid = begin([&](const std::string& run) {
        Guardian& guardian = guard(run);
        static_cast<void>(guardian.add(removal_of(temporary)));
        auto process = start_marked(run, "setsid sleep 1000 & setsid sleep 1000 & exec sleep 1000");
        static_cast<void>(
            test::eventually([&] { return processes_marked("FAULTLINE_RUN", run).size() >= 3; }));
        return std::to_string(guardian.pid());
    });
    auto journals = list_journals();
    ASSERT_TRUE(journals) << journals.error().message;
    ASSERT_EQ(journals->size(), 1U);
    EXPECT_TRUE(journals->front().owner_alive);
    EXPECT_EQ(journals->front().harness_pid, pid());
    EXPECT_EQ(std::to_string(journals->front().guardian_pid), guardian_pid);

    ::kill(std::stoi(guardian_pid), SIGKILL);
    kill_harness();
    ASSERT_TRUE(test::eventually([&] { return !list_journals()->front().owner_alive; }));
    EXPECT_TRUE(std::filesystem::exists(temporary));
    EXPECT_FALSE(processes_marked("FAULTLINE_RUN", run()).empty());
    const auto done = recover(list_journals()->front());
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_THAT(*done, testing::ElementsAre("remove " + temporary.string()));
    EXPECT_FALSE(std::filesystem::exists(temporary));
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(GuardedHarness, KeepsItsGuardianThroughPoliteSignals) {
    const std::string guardian_pid =
        begin([&](const std::string& run) { return std::to_string(guard(run).pid()); });
    const pid_t guardian = std::stoi(guardian_pid);
    const std::string fds = "/proc/" + guardian_pid + "/fd";
    ASSERT_TRUE(test::eventually([&] {  // it forks first and closes then
        return std::distance(std::filesystem::directory_iterator(fds), {}) == 4;
    })) << "its three and the socket";
    const auto stat = process_stat(guardian);
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->name, "fl-guardian");
    EXPECT_EQ(stat->session, guardian);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE})
        ::kill(guardian, number);
    kill_harness();
    EXPECT_TRUE(nothing_is_left());
    EXPECT_TRUE(test::eventually([&] { return !test::executes(guardian); }));
}

// The tests below start the guardian from the test itself.
class GuardianHere : public test::LaunchTest {
  protected:
    void SetUp() override {
        LaunchTest::SetUp();
        run_ = test::unique_name("run");
    }
    void TearDown() override {
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
        LaunchTest::TearDown();
    }
    std::string run_;
};

TEST_F(GuardianHere, ForgetsWhatIsDone) {
    ASSERT_TRUE(make_folder(folder() / "kept"));
    ASSERT_TRUE(make_folder(folder() / "removed"));
    {
        auto guardian = Guardian::start(run_);
        ASSERT_TRUE(guardian) << guardian.error().message;
        EXPECT_TRUE((*guardian)->alive());
        EXPECT_EQ((*guardian)->run(), run_);
        const auto kept = (*guardian)->add(removal_of(folder() / "kept"));
        const auto removed = (*guardian)->add(removal_of(folder() / "removed"));
        ASSERT_TRUE(kept && removed);
        EXPECT_NE(*kept, *removed);
        EXPECT_TRUE((*guardian)->done(*kept));
        EXPECT_EQ(list_journals()->front().open.size(), 1U);
    }
    EXPECT_TRUE(std::filesystem::exists(folder() / "kept"));
    EXPECT_FALSE(std::filesystem::exists(folder() / "removed"));
    EXPECT_TRUE(list_journals()->empty());
}

TEST_F(GuardianHere, UndoesNewestFirst) {
    const auto file = folder() / "file";
    ASSERT_TRUE(write_file(file, "changed twice"));
    {
        auto guardian = Guardian::start(run_);
        ASSERT_TRUE(guardian);
        for (const char* const before : {"original", "changed once"}) {
            UndoRecord record;
            record.kind = Kind::write_file;
            record.path = file;
            record.content = before;
            ASSERT_TRUE((*guardian)->add(record));
        }
    }
    EXPECT_EQ(text_of("file"), "original");
}

TEST_F(GuardianHere, IsMissedWhenItDiesAndTheHarnessUndoesByItself) {
    ASSERT_TRUE(make_folder(folder() / "temporary"));
    {
        auto guardian = Guardian::start(run_);
        ASSERT_TRUE(guardian);
        ASSERT_TRUE((*guardian)->add(removal_of(folder() / "temporary")));
        ::kill((*guardian)->pid(), SIGKILL);
        ASSERT_TRUE(test::eventually([&] { return !(*guardian)->alive(); }));
        EXPECT_FALSE((*guardian)->add(removal_of(folder() / "another")));
        (*guardian)->undo_all();
        EXPECT_FALSE(std::filesystem::exists(folder() / "temporary"));
    }
    EXPECT_TRUE(list_journals()->empty());
}

TEST_F(GuardianHere, KeepsAShortJournalInALongRun) {
    auto guardian = Guardian::start(run_);
    ASSERT_TRUE(guardian);
    const auto first = (*guardian)->add(removal_of(folder() / "first"));
    ASSERT_TRUE(first);
    UndoRecord record;
    record.kind = Kind::kill_marked;  // not synced, hence quick
    record.content = std::string(40000, 'x');
    for (int round = 0; round < 120; ++round) {
        const auto number = (*guardian)->add(record);
        ASSERT_TRUE(number) << number.error().message;
        ASSERT_TRUE((*guardian)->done(*number));
    }
    const auto journals = list_journals();
    ASSERT_TRUE(journals);
    EXPECT_LT(std::filesystem::file_size(journals->front().path), 5U << 20);
    ASSERT_EQ(journals->front().open.size(), 1U);
    EXPECT_EQ(journals->front().open.front().path, folder() / "first");
}

TEST_F(GuardianHere, RefusesARecordTooLongForItsSocket) {
    auto guardian = Guardian::start(run_);
    ASSERT_TRUE(guardian);
    UndoRecord record;
    record.kind = Kind::kill_marked;
    record.content = std::string(100000, 'x');
    const auto number = (*guardian)->add(record);
    ASSERT_FALSE(number);
    EXPECT_EQ(number.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace faultline
