// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/child_process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/boost_launch.hpp"
#include "harness/base/check.hpp"
#include "harness/base/child_plan.hpp"

namespace ftsupervisor {
namespace {

using faultline::Result;

constexpr const char* heartbeat_variable = "FTSUPERVISOR_HEARTBEAT";
constexpr const char* heartbeat_timeout_variable = "FTSUPERVISOR_HEARTBEAT_US";

}  // namespace

Result<ChildProcess> ChildProcess::open(Child child) {
    ChildProcess process(std::move(child));
    if (process.child_.spec.heartbeat_timeout) {
        FL_TRY(process.heartbeat_, HeartbeatSocket::open(process.child_.spec.name));
    }
    return process;
}

std::map<std::string, std::string> ChildProcess::environment() const {
    std::map<std::string, std::string> variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view setting = *entry;
        const std::size_t equals = setting.find('=');
        if (equals != std::string_view::npos)
            variables[std::string(setting.substr(0, equals))] = setting.substr(equals + 1);
    }
    // Those of the supervisor above us, if there is one.
    variables.erase(heartbeat_variable);
    variables.erase(heartbeat_timeout_variable);
    for (const auto& [name, value] : child_.environment)
        variables[name] = value;
    if (heartbeat_) {
        const auto timeout =
            std::chrono::duration_cast<std::chrono::microseconds>(*child_.spec.heartbeat_timeout);
        variables[heartbeat_variable] = heartbeat_->name();
        variables[heartbeat_timeout_variable] = std::to_string(timeout.count());
    }
    return variables;
}

Result<> ChildProcess::start() {
    drain_beats();  // those of the last run say nothing about this one
    const auto variables = environment();
    const auto path = variables.find("PATH");
    FL_TRY(const std::string program,
           faultline::find_program(child_.words.front(),
                                   path == variables.end() ? "/usr/bin:/bin" : path->second));
    const faultline::ExecText text(child_.words, variables);
    const faultline::ChildPlan plan{
        .program = program.c_str(),
        .arguments = text.arguments(),
        .environment = text.environment(),
        .folder = child_.folder.empty() ? nullptr : child_.folder.c_str(),
        .standard_fds = {-1, STDOUT_FILENO, STDERR_FILENO},
        .new_session = true,
        .parent = ::getpid()};
    FL_TRY(pid_, faultline::launch_with_boost(plan, child_.words.front()));
    // kill(2) takes 0, 1 and -1 for whole groups of strangers.
    FL_CHECK_OP(>, pid_, 1);
    return {};
}

void ChildProcess::ask_to_stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, child_.stop_signal);
    ::kill(pid_, SIGCONT);
}

void ChildProcess::kill() {
    if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

void ChildProcess::reap() {
    if (pid_ <= 0) return;
    // Until it is reaped nobody else can have its number, nor the group's.
    kill();
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
}

bool ChildProcess::drain_beats() {
    return heartbeat_ && heartbeat_->drain(pid_);
}

}  // namespace ftsupervisor
