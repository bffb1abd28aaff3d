// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/network_rights.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/base/network_namespace.hpp"
#include "harness/launch/network_links.hpp"

namespace faultline {
namespace {

bool setting_is(const char* path, std::string_view value) {
    const auto text = read_file(path);
    return text && std::string_view(*text).substr(0, text->find('\n')) == value;
}

/// What usually forbids user namespaces, as far as the machine says.
std::string remedy() {
    if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", "0"))
        return "the machine forbids user namespaces to users: sysctl "
               "kernel.unprivileged_userns_clone=1 permits them, or run as root";
    if (setting_is("/proc/sys/user/max_user_namespaces", "0"))
        return "the machine allows no user namespaces: raise sysctl user.max_user_namespaces, or "
               "run as root";
    if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
        return "AppArmor forbids user namespaces to users: sysctl "
               "kernel.apparmor_restrict_unprivileged_userns=0 permits them, or run as root";
    return "run as root, or, in a container, with CAP_SYS_ADMIN and CAP_NET_ADMIN or with user "
           "namespaces permitted";
}

tl::unexpected<Error> forbidden(const std::string& step, const std::string& why) {
    return fail(fmt::format("{}: {}; {}", step, why, remedy()), ErrorCode::permission);
}

Result<> unshare_both() {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) return {};
    const int error = errno;
    // The kernel's word for "this process has threads" and for bad flags is the same.
    if (error == EINVAL)
        return fail("a process with threads cannot enter a user namespace", ErrorCode::invalid);
    return forbidden("making a user namespace", system_error("unshare", error).message);
}

/// Everybody stays who they are. Without "deny" the kernel lets no user map a group.
Result<> map_self(uid_t user, gid_t group) {
    const auto write = [](const char* path, const std::string& content) -> Result<> {
        auto written = write_control(path, content);
        if (!written) return forbidden("mapping the user", written.error().message);
        return {};
    };
    FL_TRY_VOID(write("/proc/self/setgroups", "deny"));
    FL_TRY_VOID(write("/proc/self/uid_map", fmt::format("{} {} 1", user, user)));
    return write("/proc/self/gid_map", fmt::format("{} {} 1", group, group));
}

/// Both steps; between them the process is nobody, so that there is no way back from half of it.
Result<> become_owner() {
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    FL_TRY_VOID(unshare_both());
    FL_TRY_VOID(map_self(user, group));
    // Some machines let a user in and then give him nothing.
    if (auto rights = may_use_network_namespaces(); !rights)
        return forbidden("using a user namespace", rights.error().message);
    if (auto raised = raise_loopback(); !raised)
        return forbidden("using a user namespace", raised.error().message);
    return {};
}

/// In a child that then ends; its error comes through a pipe.
Result<> attempt_in_child(const std::function<Result<>()>& attempt) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe2", errno);
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("fork", errno);
    if (child == 0) {
        const auto outcome = attempt();
        if (!outcome) static_cast<void>(write_all(writer.get(), outcome.error().message));
        ::_exit(outcome ? 0 : 1);
    }
    writer.reset();
    std::string told;
    char buffer[1024];
    for (ssize_t count = 0; (count = ::read(reader.get(), buffer, sizeof buffer)) > 0;)
        told.append(buffer, static_cast<std::size_t>(count));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status == 0) return {};
    return fail(told.empty() ? "the attempt ended in an unknown way" : told, ErrorCode::permission);
}

}  // namespace

Result<bool> enter_user_namespace_if_needed() {
    if (may_use_network_namespaces()) return false;
    FL_TRY_VOID(attempt_in_child(become_owner));
    FL_TRY_VOID(become_owner());
    return true;
}

Result<> attempt_with_network_rights(const std::function<Result<>()>& attempt) {
    return attempt_in_child([&attempt]() -> Result<> {
        if (!may_use_network_namespaces()) FL_TRY_VOID(become_owner());
        return attempt();
    });
}

}  // namespace faultline
