// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/load/real_redis.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "harness/base/file.hpp"
#include "harness/load/drivers/redis_ask.hpp"
#include "tests/unit/load/fake_server.hpp"

namespace faultline::test {
namespace {

constexpr int start_attempts = 5;  // the free port may be taken by somebody else in between

std::optional<pid_t> spawn(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    const int error =
        ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return std::nullopt;
    return pid;
}

}  // namespace

std::optional<RealRedis> RealRedis::start(std::vector<std::string> options) {
    for (int attempt = 0; attempt < start_attempts; ++attempt) {
        std::string folder = std::filesystem::temp_directory_path() / "faultline-redis-XXXXXX";
        if (::mkdtemp(folder.data()) == nullptr) return std::nullopt;
        const std::uint16_t port = free_port();
        std::vector<std::string> words{"redis-server",
                                       "--port",
                                       std::to_string(port),
                                       "--bind",
                                       "127.0.0.1",
                                       "--dir",
                                       folder,
                                       "--save",
                                       "",
                                       "--appendonly",
                                       "no"};
        words.insert(words.end(), options.begin(), options.end());
        const auto pid = spawn(words);
        if (!pid) {
            static_cast<void>(remove_tree(folder).has_value());
            return std::nullopt;
        }
        RealRedis redis(*pid, port, folder);
        bool ended = false;
        const bool settled = eventually([&] {
            ended = ::waitpid(*pid, nullptr, WNOHANG) != 0;
            return ended || redis.command({"PING"}) == "PONG";
        });
        if (ended) redis.pid_ = -1;
        if (settled && !ended) return redis;
    }
    return std::nullopt;
}

RealRedis::RealRedis(RealRedis&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      port_(other.port_),
      folder_(std::exchange(other.folder_, {})) {}

RealRedis::~RealRedis() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (!folder_.empty()) static_cast<void>(remove_tree(folder_).has_value());
}

std::string RealRedis::command(std::initializer_list<std::string_view> words) const {
    const Instant deadline = now() + std::chrono::seconds(10);
    const auto address = resolve("127.0.0.1", port_);
    auto client = RespClient::connect(*address, deadline);
    if (!client) return "";
    std::string request;
    append_command(request, words);
    std::string answer;
    const auto done = client->exchange(request, 1, deadline, [&](const RespValue& reply) {
        answer = reply.type == RespValue::Type::nil ? "nil" : std::string(reply.text);
        return true;
    });
    return done ? answer : "";
}

void RealRedis::signal(int number) const {
    ::kill(pid_, number);
}

}  // namespace faultline::test
