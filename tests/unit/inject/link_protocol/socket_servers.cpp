// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/link_protocol/socket_servers.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "harness/base/file.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

void answer_with_paths(testing::Wire wire) {
    std::string input;
    while (true) {
        std::string byte = wire.read(1);
        if (byte.empty()) return;
        input += byte;
        if (!input.ends_with("\r\n\r\n")) continue;
        const std::size_t begin = input.find(' ') + 1;
        if (!wire.send(ok(input.substr(begin, input.find(' ', begin) - begin)))) return;
        input.clear();
    }
}

pid_t spawn(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = -1;
    const int error =
        ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

}  // namespace

PathServer::PathServer() : thread_([this] { serve(); }) {}

void PathServer::serve() {
    while (true) {
        testing::Wire wire = server_.accept();
        if (stopping_) return;
        talks_.emplace_back(answer_with_paths, std::move(wire));
    }
}

PathServer::~PathServer() {
    stopping_ = true;
    const testing::Wire last = testing::Wire::connect(address());
    thread_.join();
    for (std::thread& talk : talks_)
        talk.join();
}

std::optional<RedisServer> RedisServer::start() {
    std::string folder = std::filesystem::temp_directory_path() / "faultline-redis-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) return std::nullopt;
    RedisServer redis(spawn({"redis-server",
                             "--port",
                             "0",
                             "--unixsocket",
                             folder + "/redis.sock",
                             "--save",
                             "",
                             "--dir",
                             folder}),
                      folder);
    if (redis.pid_ < 0) return std::nullopt;
    const bool ready = testing::eventually([&] {
        testing::Wire wire = testing::Wire::connect(redis.address());
        return wire && wire.send("PING\r\n") && wire.read(7) == "+PONG\r\n";
    });
    if (!ready) return std::nullopt;
    return redis;
}

RedisServer::RedisServer(RedisServer&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), folder_(std::exchange(other.folder_, {})) {}

RedisServer::~RedisServer() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (!folder_.empty()) static_cast<void>(remove_tree(folder_).has_value());
}

}  // namespace faultline::link::test
