// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/process_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <unistd.h>

#include "harness/launch/pidfd.hpp"

namespace faultline {
namespace {

constexpr std::size_t proc_file_bytes_max = 4
                                            << 20;  // environments are limited by the stack's size
constexpr int kill_pause_ms = 1;

// Files in /proc have no size to ask for, and vanish at any moment.
std::string read_proc(pid_t pid, const char* file) {
    const std::string path = "/proc/" + std::to_string(pid) + "/" + file;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 4096> buffer;
    while (fd && text.size() < proc_file_bytes_max) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(pid_t pid, const std::string& text) {
    // The name is in parentheses and may hold parentheses and spaces itself.
    const auto open = text.find('(');
    const auto close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open)
        return std::nullopt;
    ProcessStat stat;
    stat.pid = pid;
    stat.name = text.substr(open + 1, close - open - 1);
    std::istringstream fields(text.substr(close + 1));
    fields >> stat.state >> stat.parent >> stat.group >> stat.session;  // fields 3 to 6
    std::string skipped;
    for (int field = 7; field < 22; ++field)
        fields >> skipped;
    fields >> stat.start_ticks;
    if (!fields) return std::nullopt;
    return stat;
}

std::optional<std::uint64_t> parse_memory_peak(const std::string& status) {
    constexpr std::string_view label = "\nVmHWM:";
    constexpr std::uint64_t unit = 1024;
    const auto at = status.find(label);
    if (at == std::string::npos) return std::nullopt;
    const auto digits = status.find_first_of("0123456789\n", at + label.size());
    std::uint64_t kilobytes = 0;
    const char* const end = status.data() + status.size();
    const char* const begin = digits == std::string::npos ? end : status.data() + digits;
    if (std::from_chars(begin, end, kilobytes).ec != std::errc()) return std::nullopt;
    return kilobytes * unit;
}

std::optional<std::uint64_t> memory_peak_of(pid_t pid) {
    return parse_memory_peak(read_proc(pid, "status"));
}

std::optional<ProcessStat> process_stat(pid_t pid) {
    return parse_process_stat(pid, read_proc(pid, "stat"));
}

std::vector<pid_t> all_pids() {
    std::vector<pid_t> pids;
    DIR* const folder = ::opendir("/proc");
    if (folder == nullptr) return pids;
    while (const dirent* const entry = ::readdir(folder)) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error == std::errc() && end == name.data() + name.size()) pids.push_back(pid);
    }
    ::closedir(folder);
    return pids;
}

std::vector<ProcessStat> processes_of_session(pid_t session) {
    std::vector<ProcessStat> members;
    for (const pid_t pid : all_pids()) {
        // getsid is a tenth of the cost of reading stat
        if (::getsid(pid) != session) continue;
        if (const auto stat = process_stat(pid)) members.push_back(*stat);
    }
    return members;
}

std::string environment_of(pid_t pid) {
    return read_proc(pid, "environ");
}

bool environment_holds(const std::string& environment, const std::string& setting) {
    for (std::size_t at = environment.find(setting); at != std::string::npos;
         at = environment.find(setting, at + 1)) {
        const bool begins = at == 0 || environment[at - 1] == '\0';
        const std::size_t end = at + setting.size();
        if (begins && (end == environment.size() || environment[end] == '\0')) return true;
    }
    return false;
}

std::vector<pid_t> processes_where(
    const std::function<bool(const std::string& environment)>& condition) {
    std::vector<pid_t> found;
    for (const pid_t pid : all_pids()) {
        if (condition(environment_of(pid))) found.push_back(pid);
    }
    return found;
}

bool signal_same_process(pid_t pid, std::uint64_t start_ticks, int number) {
    const UniqueFd pidfd = open_pidfd(pid);
    if (!pidfd) return false;
    // Looked at after the pidfd was opened: if it is ours now, the pidfd is ours for ever.
    const auto stat = process_stat(pid);
    if (!stat || stat->start_ticks != start_ticks) return false;
    return send_signal(pidfd.get(), number).has_value();
}

bool kill_until_none(const std::function<std::vector<pid_t>()>& find, Instant deadline) {
    for (;;) {
        bool any = false;
        for (const pid_t pid : find()) {
            const UniqueFd pidfd = open_pidfd(pid);
            if (!pidfd) continue;
            if (!send_signal(pidfd.get(), SIGKILL) && has_ended(pidfd.get())) continue;
            any = true;
        }
        if (!any) return true;
        if (now() >= deadline) return false;
        ::poll(nullptr, 0, kill_pause_ms);
    }
}

}  // namespace faultline
