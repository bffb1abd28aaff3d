// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/audit.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "harness/base/file.hpp"
#include "harness/launch/mount_table.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process_table.hpp"

namespace faultline {
namespace {

constexpr const char* trial_variable = "FAULTLINE_TRIAL";
constexpr Duration death_wait_max = std::chrono::seconds(1);
constexpr Duration sibling_wait_max = std::chrono::milliseconds(200);

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

std::string describe(const ProcessStat& stat) {
    const std::string who =
        "process " + std::to_string(stat.pid) + " (" + stat.name + ") of the trial ";
    switch (stat.state) {
        case 'T':
        case 't':
            return who + "is left behind, stopped";
        case 'Z':
            return who + "is left behind as a zombie";
        default:
            return who + "still runs";
    }
}

/// Whether a child of ours that had no mark of this trial is its leak all the same. Trials may run
/// side by side, and their processes are children of this one too: another trial's, or its
/// auxiliary command, is gone or marked shortly after. So is one of this trial that was seen in the
/// middle of execve, when a process has no environment yet. A leak stays.
bool is_leak(pid_t pid, const std::string& mark) {
    const std::string variable = std::string(trial_variable) + "=";
    const Instant deadline = now() + sibling_wait_max;
    while (process_stat(pid)) {
        const auto environment = read_file("/proc/" + std::to_string(pid) + "/environ");
        if (environment && environment->find(variable) != std::string::npos)
            return environment_holds(*environment, variable + mark);
        if (now() >= deadline) return true;
        std::this_thread::sleep_for(sibling_wait_max / 20);
    }
    return false;
}

void audit_processes(const AuditScope& scope, std::vector<std::string>& leaks) {
    const auto marked = processes_marked(trial_variable, scope.mark);
    std::set<pid_t> suspects(marked.begin(), marked.end());
    for (const pid_t pid : children_of_self()) {
        if (contains(scope.known_children, pid) || suspects.contains(pid)) continue;
        if (is_leak(pid, scope.mark)) suspects.insert(pid);
    }
    for (const pid_t pid : suspects) {
        if (const auto stat = process_stat(pid)) leaks.push_back(describe(*stat));
    }
}

// Columns: "sl local_address rem_address st ...", addresses as HEX:HEX. Source: proc(5).
std::set<std::uint16_t> listening_ports() {
    std::set<std::uint16_t> ports;
    for (const char* const table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
        std::ifstream lines(table);
        std::string line;
        std::getline(lines, line);  // the heading
        while (std::getline(lines, line)) {
            std::istringstream fields(line);
            std::string slot;
            std::string local;
            std::string remote;
            std::string state;
            fields >> slot >> local >> remote >> state;
            const auto colon = local.rfind(':');
            if (state != "0A" || colon == std::string::npos) continue;  // TCP_LISTEN
            ports.insert(
                static_cast<std::uint16_t>(std::strtoul(local.c_str() + colon + 1, nullptr, 16)));
        }
    }
    return ports;
}

bool is_zombie_of_others(const ProcessStat& stat, bool known_is_complete) {
    if (stat.state != 'Z') return false;
    // What we start leads a session of its own (targets) or stays in ours (commands).
    const bool could_be_ours = stat.session == stat.pid || stat.session == ::getsid(0);
    return known_is_complete ? stat.session != ::getsid(0) : !could_be_ours;
}

bool reap(pid_t pid) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) == 0 &&
           info.si_pid == pid;
}

bool kill_and_reap(pid_t pid) {
    const UniqueFd pidfd = open_pidfd(pid);
    if (!pidfd) return false;
    static_cast<void>(send_signal(pidfd.get(), SIGKILL));  // it may have ended just now
    return wait_ended(pidfd.get(), now() + death_wait_max) && reap(pid);
}

}  // namespace

std::vector<std::string> audit_leaks(const AuditScope& scope) {
    std::vector<std::string> leaks;
    audit_processes(scope, leaks);
    if (!scope.ports.empty()) {
        const auto listening = listening_ports();
        for (const std::uint16_t port : scope.ports) {
            if (!listening.contains(port)) continue;
            leaks.push_back("something still listens on port " + std::to_string(port));
        }
    }
    std::error_code error;
    for (const auto& path : scope.cgroups) {
        if (!std::filesystem::exists(path, error)) continue;
        leaks.push_back("cgroup " + path.string() + " is left behind");
    }
    for (const auto& path : scope.temporary_paths) {
        for (const auto& point : mounts_below(path)) {
            leaks.push_back(point.string() + " is still mounted");
        }
        if (!std::filesystem::exists(std::filesystem::symlink_status(path, error))) continue;
        leaks.push_back("temporary " + path.string() + " is left behind");
    }
    return leaks;
}

std::vector<pid_t> processes_marked(const std::string& name, const std::string& value) {
    if (value.empty()) return {};
    const std::string setting = name + "=" + value;
    auto pids = processes_where(
        [&](const std::string& environment) { return environment_holds(environment, setting); });
    std::erase(pids, ::getpid());
    return pids;
}

std::vector<pid_t> children_of_self() {
    std::vector<pid_t> children;
    std::error_code error;
    bool listed = false;
    for (std::filesystem::directory_iterator thread("/proc/self/task", error), end;
         !error && thread != end;
         thread.increment(error)) {
        std::ifstream file(thread->path() / "children");
        listed = listed || file.is_open();
        for (pid_t pid = 0; file >> pid;)
            children.push_back(pid);
    }
    if (listed) return children;
    for (const pid_t pid : all_pids()) {  // a kernel without CONFIG_PROC_CHILDREN
        const auto stat = process_stat(pid);
        if (stat && stat->parent == ::getpid()) children.push_back(pid);
    }
    return children;
}

int reap_orphans(const std::string& mark, const std::vector<pid_t>& known_children) {
    const std::string setting = std::string(trial_variable) + "=" + mark;
    int reaped = 0;
    for (const pid_t pid : children_of_self()) {
        if (contains(known_children, pid)) continue;
        const auto stat = process_stat(pid);
        if (!stat) continue;
        if (is_zombie_of_others(*stat, !known_children.empty())) {
            reaped += reap(pid) ? 1 : 0;
        } else if (stat->state != 'Z' && environment_holds(environment_of(pid), setting)) {
            reaped += kill_and_reap(pid) ? 1 : 0;
        }
    }
    return reaped;
}

}  // namespace faultline
