// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/descendants.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "harness/base/file.hpp"

namespace ftsupervisor {
namespace {

constexpr int reaps_per_turn_max = 4096;
constexpr int pause_ms = 2;  // between looks at processes that are being killed

ftcore::ChildExit exit_of(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) {
        return {.normal = info.si_status == 0,
                .detail = fmt::format("exit code {}", info.si_status)};
    }
    return {.normal = false,
            .detail = fmt::format("signal {} ({})", info.si_status, ::strsignal(info.si_status))};
}

/// The parent in /proc/PID/stat: "pid (name) state parent ..."; the name may hold anything.
pid_t parent_of(const std::filesystem::path& folder) {
    const auto stat = faultline::read_file(folder / "stat");
    if (!stat) return 0;
    const std::size_t name_end = stat->rfind(')');
    if (name_end == std::string::npos || name_end + 4 >= stat->size()) return 0;
    pid_t parent = 0;
    std::from_chars(stat->data() + name_end + 4, stat->data() + stat->size(), parent);
    return parent;
}

std::vector<pid_t> own_children() {
    std::vector<pid_t> children;
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator("/proc", error);
         !error && entry != std::filesystem::directory_iterator();
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        pid_t pid = 0;
        const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (wrong != std::errc() || end != name.data() + name.size()) continue;
        if (pid > 1 && parent_of(entry->path()) == ::getpid()) children.push_back(pid);
    }
    return children;
}

}  // namespace

faultline::Result<> become_subreaper() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0) return {};
    return faultline::fail_errno("prctl PR_SET_CHILD_SUBREAPER", errno);
}

void for_each_ended(const std::function<bool(const EndedProcess&)>& ended) {
    for (int count = 0; count < reaps_per_turn_max; ++count) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
        if (!ended({info.si_pid, exit_of(info)})) ::waitpid(info.si_pid, nullptr, 0);
    }
}

bool kill_descendants(faultline::Instant deadline) {
    for (;;) {
        // The children of whom is killed become ours, and the next round finds them.
        const std::vector<pid_t> children = own_children();
        for (const pid_t child : children)
            ::kill(child, SIGKILL);
        for_each_ended([](const EndedProcess&) { return false; });
        if (children.empty()) return true;
        if (faultline::now() >= deadline) return false;
        ::poll(nullptr, 0, pause_ms);
    }
}

}  // namespace ftsupervisor
