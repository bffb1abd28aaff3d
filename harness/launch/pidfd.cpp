// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/pidfd.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace faultline {

UniqueFd open_pidfd(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

Result<> send_signal(int pidfd, int number) {
    // The kernel accepts signals for a zombie, which would look as if they had done something.
    if (has_ended(pidfd)) return fail_errno("signal " + std::to_string(number), ESRCH);
    if (::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0) != 0) {
        return fail_errno("signal " + std::to_string(number), errno);
    }
    return {};
}

bool wait_ended(int pidfd, Instant deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now()).count();
        pollfd wait{pidfd, POLLIN, 0};
        const int ready =
            ::poll(&wait, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60000)));
        if (ready > 0) return true;
        if (left <= 0) return false;
    }
}

bool has_ended(int pidfd) {
    pollfd wait{pidfd, POLLIN, 0};
    return ::poll(&wait, 1, 0) > 0;
}

}  // namespace faultline
