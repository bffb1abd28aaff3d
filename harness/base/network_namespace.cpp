// SPDX-License-Identifier: Apache-2.0
#include "harness/base/network_namespace.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <utility>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr const char* own_namespace = "/proc/thread-self/ns/net";

}  // namespace

Result<UniqueFd> current_network_namespace() {
    UniqueFd fd(::open(own_namespace, O_RDONLY | O_CLOEXEC));
    if (!fd) return fail_errno(std::string("opening ") + own_namespace, errno);
    return fd;
}

Result<> may_use_network_namespaces() {
    FL_TRY(const UniqueFd home, current_network_namespace());
    // Going where we are changes nothing and asks for the same rights as coming back.
    if (::setns(home.get(), CLONE_NEWNET) == 0) return {};
    const int error = errno;
    return fail(system_error("network namespaces need CAP_SYS_ADMIN", error).message,
                ErrorCode::permission);
}

Result<InNetworkNamespace> InNetworkNamespace::enter(int namespace_fd) {
    FL_TRY_VOID(may_use_network_namespaces());
    FL_TRY(UniqueFd home, current_network_namespace());
    if (::setns(namespace_fd, CLONE_NEWNET) != 0)
        return fail_errno("entering a network namespace", errno);
    return InNetworkNamespace(std::move(home));
}

InNetworkNamespace::~InNetworkNamespace() {
    // It was tried before leaving; a thread in the wrong namespace would talk to the wrong network.
    if (home_) FL_CHECK_OP(==, ::setns(home_.get(), CLONE_NEWNET), 0);
}

Result<UniqueFd> make_network_namespace() {
    FL_TRY_VOID(may_use_network_namespaces());
    FL_TRY(const UniqueFd home, current_network_namespace());
    if (::unshare(CLONE_NEWNET) != 0) return fail_errno("making a network namespace", errno);
    auto made = current_network_namespace();
    FL_CHECK_OP(==, ::setns(home.get(), CLONE_NEWNET), 0);
    return made;
}

}  // namespace faultline
