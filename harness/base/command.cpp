// SPDX-License-Identifier: Apache-2.0
#include "harness/base/command.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/boost_launch.hpp"
#include "harness/base/child_plan.hpp"
#include "harness/base/file.hpp"

namespace faultline {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
// How much is still taken from a pipe after the command has ended; what it started in the
// background may keep writing for ever.
constexpr std::size_t drained_bytes_max = 4 << 20;
// After SIGKILL; longer means that the kernel cannot finish it (a dead disk), and we go on.
constexpr Duration kill_wait_max = std::chrono::seconds(10);
constexpr Duration kill_wait_period = std::chrono::milliseconds(1);

struct Pipe {
    UniqueFd reader;
    UniqueFd writer;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe2", errno);
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Standard input is a file in memory: nothing to feed while the command runs, and no SIGPIPE.
Result<UniqueFd> make_input(const std::string& content) {
    UniqueFd file(::memfd_create("faultline-input", MFD_CLOEXEC));
    if (!file) return fail_errno("memfd_create", errno);
    FL_TRY_VOID(write_all(file.get(), content));
    if (::lseek(file.get(), 0, SEEK_SET) < 0) return fail_errno("lseek", errno);
    return file;
}

std::map<std::string, std::string> complete_environment(
    const std::map<std::string, std::string>& added) {
    std::map<std::string, std::string> all = added;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view setting = *entry;
        const auto equals = setting.find('=');
        if (equals == std::string_view::npos) continue;
        all.emplace(setting.substr(0, equals), setting.substr(equals + 1));
    }
    return all;
}

// Our side of a running command. Everything here is one thread's.
struct Running {
    pid_t pid = -1;
    UniqueFd pidfd;
    UniqueFd output;
    UniqueFd error_output;
};

// Reads once; closes the stream at its end. Returns the bytes read.
std::size_t read_some(UniqueFd& stream, std::string& into, std::size_t bytes_max) {
    std::array<char, read_bytes> buffer;
    const ssize_t count = ::read(stream.get(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count <= 0) {
        stream.reset();
        return 0;
    }
    const auto bytes = static_cast<std::size_t>(count);
    into.append(buffer.data(), std::min(bytes, bytes_max - std::min(bytes_max, into.size())));
    return bytes;
}

// Moves bytes until the command ends or `deadline` passes. Returns whether it ended.
bool exchange(Running& running, const Command& command, Instant deadline, CommandResult& result) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now()).count();
        if (left <= 0) return false;
        // poll skips negative descriptors: streams that were closed
        std::array<pollfd, 3> waits{pollfd{running.pidfd.get(), POLLIN, 0},
                                    pollfd{running.output.get(), POLLIN, 0},
                                    pollfd{running.error_output.get(), POLLIN, 0}};
        ::poll(waits.data(), waits.size(), static_cast<int>(std::min<std::int64_t>(left, 60000)));
        if (waits[1].revents != 0) {
            read_some(running.output, result.output, command.output_bytes_max);
        }
        if (waits[2].revents != 0) {
            read_some(running.error_output, result.error_output, command.output_bytes_max);
        }
        if (waits[0].revents != 0) return true;
    }
}

void drain(UniqueFd& stream, std::string& into, std::size_t bytes_max) {
    if (!stream) return;
    ::fcntl(stream.get(), F_SETFL, O_NONBLOCK);
    for (std::size_t drained = 0; stream && drained < drained_bytes_max;) {
        const std::size_t bytes = read_some(stream, into, bytes_max);
        if (bytes == 0) return;
        drained += bytes;
    }
}

// Records how it ended and takes it off the process table.
void reap(pid_t pid, CommandResult& result) {
    siginfo_t info{};
    const Instant deadline = now() + kill_wait_max;
    while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) == 0 ||
           errno == EINTR) {
        if (info.si_pid == pid) break;
        if (now() > deadline) return;
        ::poll(nullptr, 0, static_cast<int>(kill_wait_period / std::chrono::milliseconds(1)));
    }
    if (info.si_pid != pid) return;
    if (info.si_code == CLD_EXITED) {
        result.exit_code = info.si_status;
    } else {
        result.signal = info.si_status;
    }
}

Result<Running> begin(const Command& command) {
    if (command.words.empty()) return fail("the command is empty", ErrorCode::invalid);
    const auto environment = complete_environment(command.environment);
    const auto path = environment.find("PATH");
    FL_TRY(const std::string program,
           find_program(command.words.front(),
                        path == environment.end() ? "/usr/bin:/bin" : path->second));
    FL_TRY(Pipe output, make_pipe());
    FL_TRY(Pipe error_output, make_pipe());
    UniqueFd input;
    if (!command.input.empty()) {
        FL_TRY(input, make_input(command.input));
    }
    const ExecText text(command.words, environment);
    ChildPlan plan;
    plan.program = program.c_str();
    plan.arguments = text.arguments();
    plan.environment = text.environment();
    plan.folder = command.folder.empty() ? nullptr : command.folder.c_str();
    plan.standard_fds[0] = input.get();
    plan.standard_fds[1] = output.writer.get();
    plan.standard_fds[2] = error_output.writer.get();
    plan.new_session = false;
    plan.parent = ::getpid();
    FL_TRY(const pid_t pid, launch_with_boost(plan, command.words.front()));
    Running running;
    running.pid = pid;
    running.pidfd = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    running.output = std::move(output.reader);
    running.error_output = std::move(error_output.reader);
    if (!running.pidfd) {
        const int error = errno;
        ::kill(-pid, SIGKILL);
        CommandResult ignored;
        reap(pid, ignored);
        return fail_errno("pidfd_open for " + command.words.front(), error);
    }
    return running;
}

}  // namespace

Result<CommandResult> run_command(const Command& command) {
    const Instant started = now();
    auto running = begin(command);
    if (!running) return in_context("running a command", running.error());
    CommandResult result;
    result.timed_out = !exchange(*running, command, started + command.timeout, result);
    // Before it is reaped its pid still names the group, whoever else has left it.
    if (result.timed_out) ::kill(-running->pid, SIGKILL);
    reap(running->pid, result);
    drain(running->output, result.output, command.output_bytes_max);
    drain(running->error_output, result.error_output, command.output_bytes_max);
    result.took = now() - started;
    return result;
}

}  // namespace faultline
