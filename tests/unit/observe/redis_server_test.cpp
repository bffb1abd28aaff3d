// SPDX-License-Identifier: Apache-2.0
// The Redis probes against the real server, where it is installed.
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/observe/scripted_server.hpp"

namespace faultline {
namespace {

constexpr Duration patience = std::chrono::seconds(60);

/// A redis-server of the test's own; pid -1 when it is not installed.
class RealRedis {
  public:
    explicit RealRedis(std::uint16_t port)
        : folder_(testing::TempDir() + "faultline-redis-" + std::to_string(::getpid())) {
        std::filesystem::create_directories(folder_);
        std::vector<std::string> words{"redis-server",
                                       "--port",
                                       std::to_string(port),
                                       "--bind",
                                       "127.0.0.1",
                                       "--save",
                                       "",
                                       "--dir",
                                       folder_};
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        if (::posix_spawnp(&pid_, words[0].c_str(), &actions, nullptr, arguments.data(), environ) !=
            0)
            pid_ = -1;
        ::posix_spawn_file_actions_destroy(&actions);
    }
    RealRedis(const RealRedis&) = delete;
    RealRedis& operator=(const RealRedis&) = delete;
    ~RealRedis() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        std::filesystem::remove_all(folder_);
    }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    std::string folder_;
    pid_t pid_ = -1;
};

TEST(RedisServer, AnswersEveryProbeAndItsSilenceIsATimeout) {
    Loop loop;
    const std::uint16_t port = refusing_port(loop);
    const RealRedis redis(port);
    if (redis.pid() < 0) GTEST_SKIP() << "redis-server is not installed";
    const ProbeTarget target{.instance = "redis[0]", .port = port};

    ProbeSpec ping{.kind = "redis.ping", .timeout = patience};
    auto probe = make_probe(loop, ping, target);
    ASSERT_TRUE(probe);
    const Instant deadline = now() + patience;
    ProbeAnswer answer = ask(loop, **probe);
    while (!answer.ok && now() < deadline)
        answer = ask(loop, **probe);
    ASSERT_TRUE(answer.ok) << answer.error;

    auto role = make_probe(loop, {.kind = "redis.role", .timeout = patience}, target);
    ASSERT_TRUE(role);
    EXPECT_EQ(ask(loop, **role).value, "master");

    ProbeSpec info{.kind = "redis.info", .timeout = patience};
    info.parameters.set("field", std::string("process_id"));
    auto field = make_probe(loop, info, target);
    ASSERT_TRUE(field);
    EXPECT_EQ(ask(loop, **field).value, std::to_string(redis.pid()));

    auto impatient =
        make_probe(loop, {.kind = "redis.role", .timeout = std::chrono::milliseconds(100)}, target);
    ASSERT_TRUE(impatient);
    ASSERT_EQ(::kill(redis.pid(), SIGSTOP), 0);
    EXPECT_THAT(ask(loop, **impatient).error, testing::HasSubstr("no answer within"));
    ASSERT_EQ(::kill(redis.pid(), SIGCONT), 0);
    EXPECT_EQ(ask(loop, **role).value, "master");

    ASSERT_EQ(::kill(redis.pid(), SIGKILL), 0);
    siginfo_t info_of_end{};
    ::waitid(P_PID, static_cast<id_t>(redis.pid()), &info_of_end, WEXITED | WNOWAIT);
    EXPECT_THAT(ask(loop, **role).error, testing::HasSubstr("Connection refused"));
}

}  // namespace
}  // namespace faultline
