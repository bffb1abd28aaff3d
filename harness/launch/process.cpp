// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/boost_launch.hpp"
#include "harness/base/check.hpp"
#include "harness/base/child_plan.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process_table.hpp"
#include "harness/launch/spawn_clone3.hpp"

namespace faultline {
namespace {

constexpr auto pidfd_id_type = static_cast<idtype_t>(3);  // P_PIDFD
constexpr const char* method_variable = "FAULTLINE_LAUNCH";
constexpr const char* default_path = "/usr/local/bin:/usr/bin:/bin";

LaunchMethod find_launch_method() {
    if (const char* const wish = std::getenv(method_variable)) {
        for (const auto method : {LaunchMethod::clone3, LaunchMethod::boost_process}) {
            if (name_of(method) == wish) return method;
        }
    }
    return clone3_works() ? LaunchMethod::clone3 : LaunchMethod::boost_process;
}

Result<Spawned> spawn_boost(ChildPlan plan, const std::string& asked_for, int cgroup_fd) {
    plan.cgroup_fd = cgroup_fd;  // it walks in by itself, a moment after its birth
    FL_TRY(const pid_t pid, launch_with_boost(plan, asked_for));
    Spawned spawned{pid, open_pidfd(pid)};  // ours and not reaped: the pid cannot be another's
    if (!spawned.pidfd) {
        const int error = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return fail_errno("pidfd_open for " + asked_for, error);
    }
    return spawned;
}

}  // namespace

std::string_view name_of(LaunchMethod method) {
    switch (method) {
        case LaunchMethod::clone3:
            return "clone3";
        case LaunchMethod::boost_process:
            return "boost.process";
    }
    check_failed("a launch method has a name");
}

LaunchMethod best_launch_method() {
    static const LaunchMethod method = find_launch_method();
    return method;
}

std::string describe(const ExitStatus& status) {
    if (status.code) return "exit code " + std::to_string(*status.code);
    if (!status.signal) return "ended, reaped by someone else";
    const char* const name = ::sigabbrev_np(*status.signal);
    return "signal " + std::to_string(*status.signal) +
           (name == nullptr ? "" : " (" + std::string(name) + ")");
}

Result<> Process::signal(int number) const {
    if (!pidfd_) return fail("no process was started", ErrorCode::not_found);
    auto sent = send_signal(pidfd_.get(), number);
    if (!sent) return in_context("process " + std::to_string(pid_), sent.error());
    return {};
}

std::optional<ExitStatus> Process::poll() {
    if (status_ || !pidfd_) return status_;
    siginfo_t info{};
    const int waited =
        ::waitid(pidfd_id_type, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG);
    if (waited != 0 && errno != ECHILD) return std::nullopt;   // EINTR: asked again later
    if (waited == 0 && info.si_pid == 0) return std::nullopt;  // still running
    ExitStatus status;
    status.seen = now();
    if (waited == 0 && info.si_code == CLD_EXITED) {
        status.code = info.si_status;
    } else if (waited == 0) {
        status.signal = info.si_status;
    }
    status_ = status;
    return status_;
}

Result<Process> spawn(const SpawnRequest& request, LaunchMethod method) {
    if (request.command.empty()) return fail("the command is empty", ErrorCode::invalid);
    const std::string& asked_for = request.command.front();
    const auto path = request.environment.find("PATH");
    FL_TRY(
        const std::string program,
        find_program(asked_for, path == request.environment.end() ? default_path : path->second));
    const ExecText text(request.command, request.environment);
    ChildPlan plan;
    plan.program = program.c_str();
    plan.arguments = text.arguments();
    plan.environment = text.environment();
    plan.folder = request.folder.empty() ? nullptr : request.folder.c_str();
    for (std::size_t index = 0; index < request.standard_fds.size(); ++index) {
        plan.standard_fds[index] = request.standard_fds[index];
    }
    plan.open_files = request.limits.open_files.value_or(0);
    plan.data_bytes = request.limits.memory_bytes.value_or(0);
    plan.network_fd = request.network_fd;
    plan.parent = ::getpid();
    auto spawned = method == LaunchMethod::clone3 ? spawn_clone3(plan, asked_for, request.cgroup_fd)
                                                  : spawn_boost(plan, asked_for, request.cgroup_fd);
    if (!spawned) return tl::unexpected(spawned.error());
    Process process;
    process.pid_ = spawned->pid;
    process.pidfd_ = std::move(spawned->pidfd);
    // A zombie keeps its entry until we reap it, so this cannot be another process.
    if (const auto stat = process_stat(process.pid_)) process.start_ticks_ = stat->start_ticks;
    return process;
}

}  // namespace faultline
