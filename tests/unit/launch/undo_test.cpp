// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>

#include <gmock/gmock.h>

#include "harness/include/faultline/failpoint_control.hpp"
#include "harness/launch/audit.hpp"
#include "harness/launch/cgroup.hpp"
#include "harness/launch/journal.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process.hpp"
#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

using Kind = UndoRecord::Kind;
using Undo = test::LaunchTest;

Process start_shell(const std::string& script, const std::string& run = "") {
    SpawnRequest request;
    request.command = {"sh", "-c", script};
    request.environment = test::plain_environment();
    if (!run.empty()) request.environment["FAULTLINE_RUN"] = run;
    auto process = spawn(request, best_launch_method());
    EXPECT_TRUE(process) << process.error().message;
    return std::move(*process);
}

UndoRecord record_of(Kind kind, const Process& process) {
    UndoRecord record;
    record.kind = kind;
    record.pid = process.pid();
    record.start_ticks = process.start_ticks();
    return record;
}

TEST_F(Undo, KillsAProcessAndItsSession) {
    Process process = start_shell("trap '' TERM HUP; sleep 1000 & sleep 1000 & wait");
    ASSERT_TRUE(test::eventually([&] { return processes_of_session(process.pid()).size() >= 3; }));
    const auto members = processes_of_session(process.pid());
    const UndoRecord record = record_of(Kind::kill_process, process);
    const auto undone = undo(record);
    EXPECT_TRUE(undone) << undone.error().message;
    for (const auto& member : members) {
        EXPECT_TRUE(test::eventually([&] { return !test::executes(member.pid); })) << member.pid;
    }
    EXPECT_TRUE(undo(record)) << "a zombie";
    EXPECT_EQ(process.poll()->signal, SIGKILL);
    EXPECT_TRUE(undo(record)) << "gone";
}

TEST_F(Undo, DisarmsAFailpointInItsControlFile) {
    const auto path = folder() / "kv.0.failpoints";
    std::string bytes(FailpointControl::file_bytes(4), '\0');
    ASSERT_TRUE(write_file(path, bytes));
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    auto* const control = static_cast<FailpointControl*>(
        ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0));
    ASSERT_NE(static_cast<void*>(control), MAP_FAILED);
    const UndoRecord record{.kind = Kind::disarm_failpoint, .path = path, .content = "store.write"};
    EXPECT_FALSE(undo(record)) << "none of ours: it has no head";
    control->begin(4);
    std::strcpy(control->slots()[0].name, "store.write");
    control->slot_count = 1;
    EXPECT_NE(arm(control->slots()[0], {.effect = FailpointEffect::error, .error = EIO}), 0U);
    EXPECT_TRUE(undo(record));
    EXPECT_EQ(control->slots()[0].armed.load(), 0U);
    EXPECT_TRUE(undo(record)) << "twice does no harm";
    ::munmap(control, bytes.size());
    std::filesystem::remove(path);
    EXPECT_TRUE(undo(record)) << "gone with the run";
}

TEST_F(Undo, SparesAProcessThatOnlyHasTheSamePid) {
    Process process = start_shell("exec sleep 1000");
    UndoRecord record = record_of(Kind::kill_process, process);
    ++record.start_ticks;
    EXPECT_TRUE(undo(record));
    EXPECT_EQ(process.poll(), std::nullopt);
    EXPECT_TRUE(process.signal(SIGKILL));
    EXPECT_TRUE(wait_ended(process.pidfd(), now() + test::patience));
    process.poll();
}

TEST_F(Undo, ContinuesAStoppedProcess) {
    Process process = start_shell("exec sleep 1000");
    ASSERT_TRUE(process.signal(SIGSTOP));
    ASSERT_TRUE(test::eventually([&] { return process_stat(process.pid())->state == 'T'; }));
    EXPECT_TRUE(undo(record_of(Kind::continue_process, process)));
    EXPECT_TRUE(test::eventually([&] { return process_stat(process.pid())->state != 'T'; }));
    EXPECT_TRUE(process.signal(SIGKILL));
    EXPECT_TRUE(wait_ended(process.pidfd(), now() + test::patience));
    process.poll();
}

TEST_F(Undo, KillsAFrozenCgroupAndRemovesIt) {
    const auto root = writable_cgroup_root();
    if (!root) GTEST_SKIP() << root.error().message;
    auto group = Cgroup::create(*root / test::unique_name("fl-test"));
    ASSERT_TRUE(group) << group.error().message;
    SpawnRequest request;
    request.command = {"sleep", "1000"};
    request.environment = test::plain_environment();
    request.cgroup_fd = group->fd();
    auto process = spawn(request, best_launch_method());
    ASSERT_TRUE(process) << process.error().message;
    ASSERT_TRUE(write_control(group->path() / "cgroup.freeze", "1"));
    UndoRecord record;
    record.kind = Kind::kill_cgroup;
    record.path = group->path();
    const auto undone = undo(record);
    EXPECT_TRUE(undone) << undone.error().message;
    EXPECT_FALSE(std::filesystem::exists(record.path));
    EXPECT_TRUE(wait_ended(process->pidfd(), now() + test::patience));
    process->poll();
    EXPECT_TRUE(undo(record)) << "twice";
}

TEST_F(Undo, ThawsACgroup) {
    const auto root = writable_cgroup_root();
    if (!root) GTEST_SKIP() << root.error().message;
    auto group = Cgroup::create(*root / test::unique_name("fl-test"));
    ASSERT_TRUE(group) << group.error().message;
    ASSERT_TRUE(write_control(group->path() / "cgroup.freeze", "1"));
    UndoRecord record;
    record.kind = Kind::thaw_cgroup;
    record.path = group->path();
    EXPECT_TRUE(undo(record));
    EXPECT_EQ(read_file(group->path() / "cgroup.freeze").value(), "0\n");
    EXPECT_TRUE(group->remove());
    EXPECT_TRUE(undo(record)) << "gone";
}

TEST_F(Undo, PutsAFileBackButDoesNotBringItBack) {
    UndoRecord record;
    record.kind = Kind::write_file;
    record.path = folder() / "config";
    record.content = "before\n";
    EXPECT_TRUE(undo(record));
    EXPECT_FALSE(std::filesystem::exists(record.path));
    ASSERT_TRUE(write_file(record.path, "changed and longer\n"));
    EXPECT_TRUE(undo(record));
    EXPECT_EQ(text_of("config"), "before\n");
}

TEST_F(Undo, RemovesATreeAndNothingSurprising) {
    ASSERT_TRUE(make_folder(folder() / "tree/below"));
    UndoRecord record;
    record.kind = Kind::remove_path;
    record.path = folder() / "tree";
    EXPECT_TRUE(undo(record));
    EXPECT_FALSE(std::filesystem::exists(record.path));
    EXPECT_TRUE(undo(record)) << "twice";
    for (const char* const path : {"", "/", "//", "/tmp/..", "relative"}) {
        record.path = path;
        EXPECT_FALSE(undo(record)) << path;
    }
}

TEST_F(Undo, TakesAnUnmountedFolderForUnmounted) {
    UndoRecord record;
    record.kind = Kind::unmount;
    record.path = folder();
    EXPECT_TRUE(undo(record));
    record.path = folder() / "absent";
    EXPECT_TRUE(undo(record));
}

TEST_F(Undo, KillsWhateverCarriesTheMarkOfTheRun) {
    const std::string run = test::unique_name("run");
    Process process = start_shell("setsid sh -c 'sleep 1000 & sleep 1000 & wait' & wait", run);
    Process other = start_shell("exec sleep 1000", run + "-other");
    ASSERT_TRUE(
        test::eventually([&] { return processes_marked("FAULTLINE_RUN", run).size() >= 4; }));
    UndoRecord record;
    record.kind = Kind::kill_marked;
    record.content = run;
    const auto undone = undo(record);
    EXPECT_TRUE(undone) << undone.error().message;
    EXPECT_THAT(processes_marked("FAULTLINE_RUN", run), testing::IsEmpty());
    EXPECT_EQ(other.poll(), std::nullopt) << "another run's process was killed";
    EXPECT_TRUE(other.signal(SIGKILL));
    for (Process* one : {&process, &other}) {
        EXPECT_TRUE(wait_ended(one->pidfd(), now() + test::patience));
        one->poll();
    }
}

}  // namespace
}  // namespace faultline
