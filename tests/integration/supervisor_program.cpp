// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/supervisor_program.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace faultline::testing {
namespace {

constexpr std::chrono::minutes patience{1};

}  // namespace

SupervisorProgram::SupervisorProgram(const std::vector<std::string>& arguments,
                                     const std::map<std::string, std::string>& environment) {
    std::array<int, 2> output{};
    EXPECT_EQ(::pipe2(output.data(), O_CLOEXEC), 0);
    std::vector<std::string> words{SUPERVISOR_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const pid_t forked = ::fork();
    if (forked == 0) {
        ::dup2(output[1], STDOUT_FILENO);
        ::dup2(output[1], STDERR_FILENO);
        for (const auto& [name, value] : environment)
            ::setenv(name.c_str(), value.c_str(), 1);
        ::execv(pointers[0], pointers.data());
        ::_exit(127);
    }
    EXPECT_GT(forked, 1);
    pid_ = forked > 1 ? forked : 0;
    output_.reset(output[0]);
    ::close(output[1]);
}

SupervisorProgram::~SupervisorProgram() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGCONT);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::optional<std::string> SupervisorProgram::next_line(Instant deadline) {
    for (;;) {
        if (const std::size_t end = unread_.find('\n'); end != std::string::npos) {
            std::string line = unread_.substr(0, end);
            unread_.erase(0, end + 1);
            lines_.push_back(line);
            return line;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now());
        pollfd waiting{.fd = output_.get(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
            return std::nullopt;
        std::array<char, 4096> chunk{};
        const ssize_t count = ::read(output_.get(), chunk.data(), chunk.size());
        if (count <= 0) return std::nullopt;
        unread_.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

std::string SupervisorProgram::wait_for(const std::string& text) {
    const Instant deadline = now() + patience;
    while (const auto line = next_line(deadline)) {
        if (line->find(text) != std::string::npos) return *line;
    }
    std::string all;
    for (const std::string& line : lines_)
        all += "  " + line + "\n";
    ADD_FAILURE() << "nobody said \"" << text << "\"; all that was said:\n" << all;
    return {};
}

pid_t SupervisorProgram::wait_for_pid(const std::string& text) {
    const std::string line = wait_for(text);
    const std::size_t blank = line.rfind(' ');
    const long number = blank == std::string::npos ? 0 : std::atol(line.c_str() + blank + 1);
    EXPECT_GT(number, 1) << line;
    return number > 1 ? static_cast<pid_t>(number) : 0;
}

void SupervisorProgram::send_signal(int number) const {
    ASSERT_GT(pid_, 1) << "ftsupervisor does not run";
    ::kill(pid_, number);  // not reaped yet, so the number is still its own
}

int SupervisorProgram::wait_exit() {
    if (pid_ <= 0) return -1;
    const Instant deadline = now() + patience;
    while (next_line(deadline)) {
    }
    if (now() >= deadline) {
        ADD_FAILURE() << "ftsupervisor does not end";
        ::kill(pid_, SIGKILL);
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

WatchedProcess::WatchedProcess(pid_t pid)
    : pid_(pid), pidfd_(pid > 1 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1) {
    EXPECT_TRUE(pidfd_) << "no process " << pid;
}

void WatchedProcess::send_signal(int number) const {
    if (pidfd_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

bool WatchedProcess::ends() const {
    if (!pidfd_) return false;
    pollfd waiting{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 1;
}

}  // namespace faultline::testing
