// SPDX-License-Identifier: Apache-2.0
#include "harness/base/command.hpp"

#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using testing::HasSubstr;

Command shell(const std::string& script) {
    Command command;
    command.words = {"sh", "-c", script};
    command.timeout = std::chrono::seconds(60);
    return command;
}

TEST(RunCommand, TellsExitCodeNineFromSignalNine) {
    const auto exited = run_command(shell("exit 9"));
    ASSERT_TRUE(exited) << exited.error().message;
    EXPECT_EQ(exited->exit_code, 9);
    EXPECT_EQ(exited->signal, std::nullopt);
    const auto killed = run_command(shell("kill -9 $$"));
    ASSERT_TRUE(killed) << killed.error().message;
    EXPECT_EQ(killed->exit_code, std::nullopt);
    EXPECT_EQ(killed->signal, SIGKILL);
}

TEST(RunCommand, GivesInputAndKeepsTheTwoOutputsApart) {
    Command command = shell("cat; echo problem >&2");
    command.input = std::string(300'000, 'x');
    const auto result = run_command(command);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->output, command.input);
    EXPECT_EQ(result->error_output, "problem\n");
}

TEST(RunCommand, HasAnEmptyInputWhenNoneIsGiven) {
    const auto result = run_command(shell("wc -c"));
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(result->output, HasSubstr("0"));
}

TEST(RunCommand, DropsOutputBeyondItsLimit) {
    Command command = shell("head -c 200000 /dev/zero");
    command.output_bytes_max = 1000;
    const auto result = run_command(command);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->output.size(), 1000U);
    EXPECT_EQ(result->exit_code, 0);
}

TEST(RunCommand, KillsTheWholeGroupAtTheTimeout) {
    Command command = shell("sleep 1000 & echo $!; wait");
    command.timeout = std::chrono::milliseconds(300);
    const auto result = run_command(command);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->timed_out);
    EXPECT_EQ(result->signal, SIGKILL);
    const pid_t grandchild = std::stoi(result->output);
    // It may stay a zombie for a moment, until its new parent has looked.
    const Instant deadline = now() + std::chrono::seconds(30);
    while (::kill(grandchild, 0) == 0 && now() < deadline) {
        const auto state = run_command(
            shell("cut -d' ' -f3 /proc/" + std::to_string(grandchild) + "/stat 2>/dev/null"));
        if (state && state->output != "S\n" && state->output != "R\n") break;
    }
    EXPECT_LT(now(), deadline) << "process " << grandchild << " survived";
}

TEST(RunCommand, DoesNotWaitForAChildLeftInTheBackground) {
    Command command = shell("sleep 60 & echo $!");
    const auto result = run_command(command);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_FALSE(result->timed_out);
    EXPECT_EQ(result->exit_code, 0);
    ::kill(std::stoi(result->output), SIGKILL);
}

TEST(RunCommand, LeaksNoDescriptor) {
    const int leaky = ::open("/etc/passwd", O_RDONLY);  // on purpose without O_CLOEXEC
    const auto result = run_command(shell("ls /proc/self/fd | wc -l"));
    ::close(leaky);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(std::stoi(result->output), 4);  // its three and the folder it reads
}

TEST(RunCommand, AddsToTheEnvironmentAndSetsTheFolder) {
    Command command = shell("echo $FL_COMMAND_TEST $HOME; pwd");
    command.environment = {{"FL_COMMAND_TEST", "here"}, {"HOME", "/replaced"}};
    command.folder = "/usr";
    const auto result = run_command(command);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->output, "here /replaced\n/usr\n");
}

TEST(RunCommand, NamesWhatCouldNotBeStarted) {
    Command command;
    const auto empty = run_command(command);
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::invalid);
    command.words = {"no-such-program-at-all"};
    const auto absent = run_command(command);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, ErrorCode::not_found);
    EXPECT_THAT(absent.error().message, HasSubstr("no-such-program-at-all"));
    command.words = {"/etc/passwd"};
    const auto data = run_command(command);
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, ErrorCode::permission);
    command.words = {"true"};
    command.folder = "/no/such/folder";
    const auto nowhere = run_command(command);
    ASSERT_FALSE(nowhere);
    EXPECT_THAT(nowhere.error().message, HasSubstr("chdir /no/such/folder"));
}

TEST(RunCommand, WorksFromSeveralThreadsAtOnce) {
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (std::size_t index = 0; index < wrong.size(); ++index) {
        threads.emplace_back([index, &wrong] {
            for (int round = 0; round < 20; ++round) {
                const std::string word = std::to_string(index) + "-" + std::to_string(round);
                const auto result = run_command(shell("echo " + word));
                if (!result || result->output != word + "\n") ++wrong[index];
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4));
}

}  // namespace
}  // namespace faultline
