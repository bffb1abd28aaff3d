// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/cgroup.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "harness/launch/pidfd.hpp"

namespace faultline {
namespace {

// Members leave at their exit, before they are reaped; the wait covers the teardown of their
// memory.
constexpr Duration removal_wait_max = std::chrono::seconds(2);
constexpr int removal_pause_ms = 1;
constexpr int kill_rounds_max = 1000;

// Of it and the groups below, deepest first.
std::vector<std::filesystem::path> groups_of(const std::filesystem::path& root) {
    std::vector<std::filesystem::path> groups{root};
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(root, error), end;
         !error && entry != end;
         entry.increment(error)) {
        if (entry->is_directory(error)) groups.push_back(entry->path());
    }
    std::reverse(groups.begin(), groups.end());
    return groups;
}

Result<std::vector<pid_t>> members_of(const std::filesystem::path& root) {
    std::vector<pid_t> members;
    for (const auto& group : groups_of(root)) {
        auto text = read_file(group / "cgroup.procs");
        if (!text && group == root) return in_context("members of a cgroup", text.error());
        if (!text) continue;  // a group below has just gone
        std::istringstream pids(*text);
        for (pid_t pid = 0; pids >> pid;)
            members.push_back(pid);
    }
    return members;
}

// Before Linux 5.14 there is no cgroup.kill: one by one, until nobody is born any more.
Result<> kill_one_by_one(const std::filesystem::path& root) {
    for (int round = 0; round < kill_rounds_max; ++round) {
        FL_TRY(const auto members, members_of(root));
        bool any = false;
        for (const pid_t pid : members) {
            const UniqueFd pidfd = open_pidfd(pid);
            if (pidfd && send_signal(pidfd.get(), SIGKILL)) any = true;
        }
        if (!any) return {};
        ::poll(nullptr, 0, removal_pause_ms);
    }
    return fail("cgroup " + root.string() + " still has members after " +
                    std::to_string(kill_rounds_max) + " rounds of SIGKILL",
                ErrorCode::timeout);
}

// The mount point of the unified hierarchy: the only one, or beside version 1 ("hybrid").
struct UnifiedMount {
    std::filesystem::path point;
    std::string root;  // the cgroup that is seen at `point`; not "/" in some containers
};
Result<UnifiedMount> unified_mount() {
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        const auto separator = line.find(" - cgroup2 ");
        if (separator == std::string::npos) continue;
        std::istringstream fields(line);
        std::string skipped;
        std::string root;
        std::string point;
        fields >> skipped >> skipped >> skipped >> root >> point;  // fields 4 and 5
        return UnifiedMount{point, root};
    }
    return fail("no cgroup v2 mount (none in /proc/self/mountinfo)", ErrorCode::unsupported);
}

Result<std::filesystem::path> own_cgroup() {
    FL_TRY(const auto mount, unified_mount());
    FL_TRY(const auto text, read_file("/proc/self/cgroup"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("0::/")) continue;
        std::string below = line.substr(std::string_view("0::").size());
        if (mount.root != "/" && below.starts_with(mount.root)) below.erase(0, mount.root.size());
        below.erase(0, std::min(below.find_first_not_of('/'), below.size()));
        return below.empty() ? mount.point : mount.point / below;
    }
    return fail("this process is in no cgroup v2 (no 0:: line in /proc/self/cgroup)",
                ErrorCode::unsupported);
}

}  // namespace

Result<Cgroup> Cgroup::create(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0755) != 0) {
        return fail_errno("creating cgroup " + path.string(), errno);
    }
    auto group = open(path);
    if (!group) ::rmdir(path.c_str());
    return group;
}

Result<Cgroup> Cgroup::open(const std::filesystem::path& path) {
    Cgroup group;
    group.path_ = path;
    group.folder_ = UniqueFd(::open(path.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
    if (!group.folder_) return fail_errno("opening cgroup " + path.string(), errno);
    if (::faccessat(group.folder_.get(), "cgroup.controllers", F_OK, 0) != 0) {
        return fail(path.string() + " is not in a cgroup v2 hierarchy", ErrorCode::unsupported);
    }
    return group;
}

Result<> Cgroup::kill() const {
    auto killed = write_control(path_ / "cgroup.kill", "1");
    if (killed) return {};
    std::error_code error;
    if (!std::filesystem::exists(path_, error)) return {};
    return kill_one_by_one(path_);
}

Result<std::vector<pid_t>> Cgroup::members() const {
    return members_of(path_);
}

Result<> Cgroup::set_memory_max(std::uint64_t bytes) const {
    return write_control(path_ / "memory.max", std::to_string(bytes));
}

Result<> Cgroup::remove() {
    folder_.reset();
    const Instant deadline = now() + removal_wait_max;
    for (;;) {
        int failure = 0;
        for (const auto& group : groups_of(path_)) {
            if (::rmdir(group.c_str()) != 0 && errno != ENOENT) failure = errno;
        }
        if (failure == 0) return {};
        if (failure != EBUSY || now() >= deadline) {
            return fail_errno("removing cgroup " + path_.string(), failure);
        }
        ::poll(nullptr, 0, removal_pause_ms);
    }
}

Result<std::filesystem::path> writable_cgroup_root() {
    FL_TRY(const auto own, own_cgroup());
    // Moving a child needs the right to write where it comes from, too.
    if (::access((own / "cgroup.procs").c_str(), W_OK) != 0) {
        return fail_errno(own.string() + " is not writable", errno);
    }
    const auto trial = own / ("faultline-probe-" + std::to_string(::gettid()));
    auto group = Cgroup::create(trial);
    if (!group) return in_context(own.string() + " is not writable", group.error());
    auto removed = group->remove();
    if (!removed) return tl::unexpected(removed.error());
    return own;
}

}  // namespace faultline
