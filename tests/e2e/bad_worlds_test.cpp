// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sys/mount.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// What users meet on a bad day: a clear message, the right exit code, nothing left.

namespace faultline::e2e {
namespace {

using ::testing::HasSubstr;

constexpr const char* kill_primary =
    R"([{"fault": "process.crash", "on": "metronome@primary", "at": "50ms"}])";
constexpr const char* kill_single =
    R"([{"fault": "process.crash", "on": "metronome", "at": "50ms"}])";

/// A scenario with one target of this command, no load.
std::string command_scenario(const std::string& command, const std::string& more = "") {
    return R"({"name": "bad", "targets": {"it": {"command": )" + command + R"(, "ports": ["a"])" +
           more + R"(}}, "success_window": "300ms", "trials": {"count": 1}})";
}

class BadWorld : public ::testing::Test {
  protected:
    CommandResult run(const std::string& scenario, const std::string& out = "out") {
        place_.write("scenario.json", scenario);
        auto result =
            place_.faultline({"run", "scenario.json", "--out", out}, {{"FAULTLINE_TEST", mark_}});
        EXPECT_THAT(remains(mark_), ::testing::IsEmpty());
        return result;
    }
    static std::string all_of(const CommandResult& result) {
        return result.output + result.error_output;
    }

    Workplace place_;
    std::string mark_ = "bad-world-" + std::to_string(::getpid());
};

TEST_F(BadWorld, CommandNotFoundNamesTheCommand) {
    const auto result = run(command_scenario(R"(["no-such-program-here"])"));
    EXPECT_EQ(result.exit_code, 4) << all_of(result);
    EXPECT_THAT(all_of(result), HasSubstr("no-such-program-here"));
}

TEST_F(BadWorld, TargetThatNeverGetsReadyIsQuoted) {
    const auto result = run(command_scenario(R"(["sh", "-c", "echo warming up; exec sleep 1000"])",
                                             R"(, "ready": {"probe": "tcp", "within": "500ms"})"));
    EXPECT_EQ(result.exit_code, 4) << all_of(result);
    EXPECT_THAT(all_of(result), HasSubstr("not ready within 500 ms"));
    EXPECT_THAT(all_of(result), HasSubstr("warming up"));
}

TEST_F(BadWorld, ATargetThatFloodsItsOutputIsMeasuredAllTheSame) {
    const auto result =
        run(command_scenario(R"(["sh", "-c", "exec yes this line comes a billion times"])"));
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
    const auto size = std::filesystem::file_size(place_.folder() / "out/trials/0001/it.0/stdout");
    EXPECT_LE(size, std::uintmax_t{65} << 20);
}

TEST_F(BadWorld, TenThousandShortLivedChildrenAreAllGone) {
    const auto result = run(command_scenario(
        R"(["sh", "-c", "i=0; while [ $i -lt 10000 ]; do /bin/true & i=$((i+1)); [ $((i % 50)) = 0 ] && wait; done; exec sleep 1000"])"));
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
}

TEST_F(BadWorld, ADaemonThatLeavesItsSessionIsFoundAgain) {
    const auto result = run(command_scenario(
        R"(["sh", "-c", "setsid sh -c 'setsid sleep 1000 & exec sleep 1000' & exec sleep 1000"])"));
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
}

TEST_F(BadWorld, EventsThatAreNotJsonAreCountedAndMarked) {
    if (!has_program("python3")) GTEST_SKIP() << "python3 is not installed";
    // It listens once it has sent them: the trial does not begin, and so not end, before.
    const auto result = run(command_scenario(
        R"json(["python3", "-c", "import os,socket,sys,time; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.connect(os.environ['FAULTLINE_EVENTS']); [s.send(b'not json') for _ in range(9)]; l=socket.create_server(('127.0.0.1',int(sys.argv[1]))); time.sleep(1000)", "${port.a}"])json",
        R"(, "ready": {"probe": "tcp"})"));
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
    EXPECT_THAT(*read_file(place_.folder() / "out/trials.jsonl"), HasSubstr("malformed events"));
}

TEST_F(BadWorld, AResultDirectoryOfAnotherVersionIsRefused) {
    ASSERT_EQ(run(pair_scenario(kill_primary, R"(, "trials": {"count": 1})")).exit_code, 0);
    const auto manifest = place_.folder() / "out/run.json";
    std::string text = *read_file(manifest);
    const std::size_t at = text.find("\"version\": 1");
    ASSERT_NE(at, std::string::npos);
    std::ofstream(manifest) << text.replace(at, 12, "\"version\": 9");
    const auto result = place_.faultline({"report", "out"});
    EXPECT_EQ(result.exit_code, 2) << all_of(result);
    EXPECT_THAT(result.error_output, HasSubstr("version 9"));
    EXPECT_EQ(place_.faultline({"run", "--resume", "out"}).exit_code, 2);
}

TEST_F(BadWorld, AnExistingResultDirectoryIsNotOverwritten) {
    ASSERT_EQ(run(pair_scenario(kill_primary, R"(, "trials": {"count": 1})")).exit_code, 0);
    const auto again = run(pair_scenario(kill_primary));
    EXPECT_NE(again.exit_code, 0);
    EXPECT_THAT(all_of(again), HasSubstr("out"));
}

TEST_F(BadWorld, AReadOnlyResultFolderIsAHarnessErrorThatNamesIt) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write into a read-only folder";
    const auto folder = place_.folder() / "locked";
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(
        folder, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    const auto result = run(single_scenario(kill_single), "locked/out");
    EXPECT_EQ(result.exit_code, 6) << all_of(result);
    EXPECT_THAT(result.error_output, HasSubstr("locked"));
}

TEST_F(BadWorld, AFullDiskIsAHarnessErrorThatSaysSo) {
    if (::geteuid() != 0) GTEST_SKIP() << "mounting a small file system needs root";
    const auto disk = place_.folder() / "disk";
    std::filesystem::create_directory(disk);
    if (::mount("none", disk.c_str(), "tmpfs", 0, "size=64k") != 0)
        GTEST_SKIP() << "mounting is not allowed here";
    const auto result =
        run(command_scenario(R"(["sh", "-c", "head -c 1000000 /dev/zero; exec sleep 1000"])"),
            (disk / "out").string());
    ::umount2(disk.c_str(), MNT_DETACH);
    EXPECT_EQ(result.exit_code, 6) << all_of(result);
    EXPECT_THAT(all_of(result), HasSubstr("No space left"));
}

TEST_F(BadWorld, AStrangerOnThePortIsSurvivedByTakingOthers) {
    // The first start finds its port taken, as if somebody had won the race; the next must not.
    const auto result = run(command_scenario(
        R"(["sh", "-c", "if [ -e ../../../../raced ]; then exec ${bin}/metronome --port ${port.a}; fi; touch ../../../../raced; echo bind: Address already in use >&2; exit 1"])",
        R"(, "ready": {"probe": "tcp"})"));
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
    EXPECT_THAT(*read_file(place_.folder() / "out/trials.jsonl"), HasSubstr("port race"));
}

}  // namespace
}  // namespace faultline::e2e
