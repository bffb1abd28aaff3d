// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/kv_group.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace faultline::testing {
namespace {

constexpr std::chrono::seconds patience{30};
constexpr std::chrono::milliseconds between_questions{5};

/// The whole bulk reply to INFO.
std::string info_of(std::uint16_t port) {
    Client client(port);
    if (!client.connected()) return {};
    client.send(request_of({"INFO"}) + request_of({"PING"}));
    return client.receive_until("+PONG\r\n");
}

}  // namespace

bool KvGroup::wait_until(const std::function<bool()>& condition) {
    const Instant deadline = now() + patience;
    while (!condition()) {
        if (now() > deadline) return false;
        std::this_thread::sleep_for(between_questions);
    }
    return true;
}

KvGroup::KvGroup(std::size_t count,
                 std::vector<std::string> options,
                 std::optional<std::size_t> witness)
    : client_ports_(count),
      peer_ports_(count),
      options_(std::move(options)),
      witness_(witness),
      pids_(count, -1) {
    std::string pattern = (std::filesystem::temp_directory_path() / "kv-group-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    for (std::size_t node = 0; node < count; ++node)
        start(node);
}

KvGroup::~KvGroup() {
    for (std::size_t node = 0; node < count(); ++node)
        kill(node);
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
}

std::filesystem::path KvGroup::folder(std::size_t node) const {
    return root_ / std::to_string(node);
}

std::string KvGroup::log(std::size_t node) const {
    return read_file(root_ / (std::to_string(node) + ".log")).value_or("");
}

void KvGroup::start(std::size_t node) {
    std::vector<std::string> words{
        KVNODE_PROGRAM, "--node", std::to_string(node + 1), "--folder", folder(node).string()};
    for (std::size_t other = 0; other < count(); ++other) {
        words.insert(words.end(),
                     {"--member",
                      std::to_string(other + 1),
                      "127.0.0.1:" + peer_ports_[other].text(),
                      "127.0.0.1:" + client_ports_[other].text()});
        if (witness_ == other) words.emplace_back("witness");
    }
    words.insert(words.end(), options_.begin(), options_.end());
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const std::string log_path = (root_ / (std::to_string(node) + ".log")).string();
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int fd = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        ::dup2(fd, STDOUT_FILENO);
        ::dup2(fd, STDERR_FILENO);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    pids_[node] = pid;
}

void KvGroup::signal(std::size_t node, int signal_number) const {
    if (pids_[node] > 0) ::kill(pids_[node], signal_number);
}

void KvGroup::kill(std::size_t node) {
    if (pids_[node] <= 0) return;
    ::kill(pids_[node], SIGKILL);
    ::waitpid(pids_[node], nullptr, 0);
    pids_[node] = -1;
}

int KvGroup::wait_exit(std::size_t node) {
    int status = 0;
    const bool ended =
        wait_until([&] { return ::waitpid(pids_[node], &status, WNOHANG) == pids_[node]; });
    EXPECT_TRUE(ended) << "node " << node << " does not end; its log:\n" << log(node);
    if (ended) pids_[node] = -1;
    return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::size_t KvGroup::primary(std::optional<std::size_t> except) {
    std::size_t found = 0;
    const bool any = wait_until([&] {
        for (std::size_t node = 0; node < count(); ++node) {
            if (node != except && pids_[node] > 0 && info(node, "role") == "master") {
                found = node;
                return true;
            }
        }
        return false;
    });
    if (!any) {
        ADD_FAILURE() << "nobody became primary";
        for (std::size_t node = 0; node < count(); ++node)
            ADD_FAILURE() << "log of node " << node << ":\n" << log(node);
    }
    return found;
}

std::string KvGroup::info(std::size_t node, const std::string& field) {
    const std::string text = info_of(port(node));
    const std::string name = "\n" + field + ":";
    const std::size_t at = text.find(name);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size();
    return text.substr(begin, text.find('\r', begin) - begin);
}

void KvGroup::wait_info(std::size_t node, const std::string& field, const std::string& value) {
    std::string last;
    EXPECT_TRUE(wait_until([&] { return (last = info(node, field)) == value; }))
        << field << " of node " << node << " stays \"" << last << "\" instead of \"" << value
        << "\"; its log:\n"
        << log(node);
}

kvnode::client::RedisClient KvGroup::client() const {
    kvnode::client::RedisClientSettings settings;
    for (const ReservedPort& port : client_ports_)
        settings.nodes.push_back({.host = "127.0.0.1", .port = port.number()});
    settings.call_timeout = patience;
    return kvnode::client::RedisClient(std::move(settings));
}

}  // namespace faultline::testing
