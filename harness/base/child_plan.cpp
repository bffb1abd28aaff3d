// SPDX-License-Identifier: Apache-2.0
#include "harness/base/child_plan.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace faultline {
namespace {

// What runs in the child may run in the parent's memory, where sanitizers keep their books; and it
// goes round glibc's wrappers, which the sanitizers intercept.
#define FL_UNINSTRUMENTED __attribute__((no_sanitize("address", "thread", "undefined"), noinline))

constexpr unsigned close_range_cloexec = 4;  // CLOSE_RANGE_CLOEXEC, since Linux 5.11
constexpr std::uint64_t descriptors_walked_max = 1 << 20;
constexpr int signal_count = 64;

struct KernelLimit {
    std::uint64_t soft;
    std::uint64_t hard;
};

FL_UNINSTRUMENTED bool open_standard_fds(const ChildPlan& plan) {
    int source[3] = {-1, -1, -1};
    for (int index = 0; index < 3; ++index) {
        long fd = plan.standard_fds[index];
        if (fd < 0) fd = ::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
        if (fd < 0) return false;
        // A source among 0, 1, 2 would be overwritten before its turn.
        if (fd < 3) fd = ::syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0) return false;
        source[index] = static_cast<int>(fd);
    }
    for (int index = 0; index < 3; ++index) {
        if (::syscall(SYS_dup3, source[index], index, 0) < 0) return false;
    }
    return true;
}

// Close *on exec*: until then the pipe that reports a failed exec must stay open.
FL_UNINSTRUMENTED void close_others_on_exec() {
    if (::syscall(SYS_close_range, 3U, ~0U, close_range_cloexec) == 0) return;
    KernelLimit limit{1024, 1024};
    ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &limit);
    const std::uint64_t end =
        limit.soft < descriptors_walked_max ? limit.soft : descriptors_walked_max;
    for (std::uint64_t fd = 3; fd < end; ++fd)
        ::syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

FL_UNINSTRUMENTED bool set_limit(int resource, std::uint64_t value) {
    if (value == 0) return true;
    const KernelLimit limit{value, value};
    return ::syscall(SYS_prlimit64, 0, resource, &limit, nullptr) == 0;
}

// exec resets handlers but keeps what is ignored, and so does CLONE_CLEAR_SIGHAND.
FL_UNINSTRUMENTED void reset_signals() {
    const unsigned char default_action[64] = {};  // a struct kernel_sigaction of zeros is SIG_DFL
    for (int number = 1; number <= signal_count; ++number) {
        ::syscall(SYS_rt_sigaction, number, default_action, nullptr, 8);
    }
    const std::uint64_t nothing = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, nullptr, sizeof nothing);
}

FL_UNINSTRUMENTED bool join_cgroup(int cgroup_fd) {
    if (cgroup_fd < 0) return true;
    const long fd = ::syscall(SYS_openat, cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0) return false;
    return ::syscall(SYS_write, fd, "0", 1UL) == 1;
}

}  // namespace

FL_UNINSTRUMENTED const char* set_up_child(const ChildPlan& plan) {
    const long led = plan.new_session ? ::syscall(SYS_setsid) : ::syscall(SYS_setpgid, 0, 0);
    if (led < 0) return plan.new_session ? "setsid" : "setpgid";
    if (::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return "prctl PDEATHSIG";
    // A parent that died before the line above sends no signal any more.
    if (::syscall(SYS_getppid) != plan.parent) {
        errno = ESRCH;
        return "finding the harness";
    }
    if (!join_cgroup(plan.cgroup_fd)) return "joining the cgroup";
    // Namespaces belong to a task even where memory is shared: the parent stays where it is.
    if (plan.network_fd >= 0 && ::syscall(SYS_setns, plan.network_fd, CLONE_NEWNET) < 0)
        return "entering the network namespace";
    if (!open_standard_fds(plan)) return "redirecting";
    if (plan.folder != nullptr && ::syscall(SYS_chdir, plan.folder) < 0) return "chdir";
    close_others_on_exec();
    if (!set_limit(RLIMIT_NOFILE, plan.open_files)) return "setrlimit NOFILE";
    if (!set_limit(RLIMIT_DATA, plan.data_bytes)) return "setrlimit DATA";
    reset_signals();
    return nullptr;
}

ExecText::ExecText(const std::vector<std::string>& words,
                   const std::map<std::string, std::string>& environment)
    : words_(words) {
    for (const auto& [name, value] : environment)
        settings_.push_back(name + "=" + value);
    for (std::string& word : words_)
        arguments_.push_back(word.data());
    for (std::string& setting : settings_)
        environment_.push_back(setting.data());
    arguments_.push_back(nullptr);
    environment_.push_back(nullptr);
}

Error child_error(const ChildPlan& plan,
                  const std::string& asked_for,
                  const std::string& step,
                  int errno_value) {
    if (step == "execve") return system_error("execve " + asked_for, errno_value);
    if (step == "chdir") return system_error("chdir " + std::string(plan.folder), errno_value);
    if (step == "setrlimit NOFILE") {
        return system_error("setrlimit NOFILE to " + std::to_string(plan.open_files), errno_value);
    }
    return system_error(step + " for " + asked_for, errno_value);
}

Result<std::string> find_program(const std::string& name, const std::string& search_path) {
    if (name.empty()) return fail("the command is empty", ErrorCode::invalid);
    if (name.find('/') != std::string::npos) return name;
    bool seen = false;
    for (std::size_t begin = 0; begin <= search_path.size();) {
        const std::size_t end = std::min(search_path.find(':', begin), search_path.size());
        const std::string path = search_path.substr(begin, end - begin) + "/" + name;
        struct stat status {};
        if (end > begin && ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
            if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) return path;
            seen = true;
        }
        begin = end + 1;
    }
    Error error = system_error("execve " + name, seen ? EACCES : ENOENT);
    error.message += " (looked in PATH " + search_path + ")";
    return tl::unexpected(std::move(error));
}

}  // namespace faultline
