// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/proxy_program.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "tests/e2e/faultline_program.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

namespace faultline::e2e {
namespace {

/// Up to and without the end of the line; the end of the output too.
std::string read_line(int fd) {
    std::string line;
    char c = 0;
    while (::read(fd, &c, 1) == 1 && c != '\n')
        line += c;
    return line;
}

pid_t spawn(const std::vector<std::string>& words, int output) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT: as execve(2) wants them
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    FL_CHECK(::posix_spawn_file_actions_init(&actions) == 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    pid_t pid = -1;
    const int error =
        ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    FL_CHECK_OP(==, error, 0);
    return pid;
}

}  // namespace

ProxyProgram::ProxyProgram(Options options) {
    std::vector<std::string> words = std::move(options.before);
    words.push_back(faultline_path().string());
    words.insert(words.end(), options.start.begin(), options.start.end());
    words.insert(words.end(), options.words.begin(), options.words.end());
    int ends[2];
    FL_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    output_ = UniqueFd(ends[0]);
    UniqueFd input(ends[1]);
    pid_ = spawn(words, input.get());
    input.reset();  // or nobody would see the program's end
    first_line_ = read_line(output_.get());
    const std::string mark = "http://";
    const std::size_t start = first_line_.find(mark);
    if (start == std::string::npos) return;
    const std::size_t end = first_line_.find_first_of(",/", start + mark.size());
    address_ = first_line_.substr(start + mark.size(), end - start - mark.size());
}

ProxyProgram::~ProxyProgram() {
    if (pid_ > 0) stop(SIGKILL);
}

int ProxyProgram::stop(int signal) {
    ::kill(pid_, signal);
    int status = 0;
    FL_CHECK(::waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string ProxyProgram::rest() {
    std::string all;
    for (std::string line = read_line(output_.get()); !line.empty();
         line = read_line(output_.get()))
        all += line + "\n";
    return all;
}

HttpReply parse_reply(const std::string& text) {
    HttpReply reply;
    const std::size_t end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) return reply;
    reply.status = std::atoi(text.c_str() + 9);
    reply.body = text.substr(end + 4);
    std::size_t at = text.find("\r\n") + 2;
    while (at < end) {
        const std::size_t line_end = text.find("\r\n", at);
        const std::size_t colon = text.find(": ", at);
        std::string name = text.substr(at, colon - at);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        reply.headers[name] = text.substr(colon + 2, line_end - colon - 2);
        at = line_end + 2;
    }
    return reply;
}

HttpReply http(const std::string& address,
               const std::string& method,
               const std::string& target,
               const std::string& body,
               const std::string& headers) {
    testing::Peer peer = testing::Peer::connect(address);
    const std::string length =
        body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size());
    peer.send(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}{}\r\n{}",
                          method,
                          target,
                          address,
                          length,
                          headers,
                          body));
    return parse_reply(peer.receive_all());
}

}  // namespace faultline::e2e
