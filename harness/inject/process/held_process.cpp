// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/process/held_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace faultline {
namespace {

bool readable_within(int fd, Duration patience) {
    const Duration bounded = std::max(patience, Duration::zero());
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(bounded);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (bounded - seconds).count()};
    return ::ppoll(&wanted, 1, &timeout, nullptr) == 1;
}

}  // namespace

HeldProcess::HeldProcess(Victim& victim, UniqueFd pidfd)
    : victim_(&victim),
      pid_(victim.pid()),
      start_ticks_(victim.start_ticks()),
      start_(victim.starts()),
      pidfd_(std::move(pidfd)) {}

Result<HeldProcess> HeldProcess::hold(Victim& victim) {
    if (victim.pid() <= 0 || victim.pidfd() < 0) {
        return fail(victim.name() + " does not run, so nothing can be done to it",
                    ErrorCode::not_found);
    }
    UniqueFd pidfd(::fcntl(victim.pidfd(), F_DUPFD_CLOEXEC, 0));
    if (!pidfd) return fail_errno("holding the process of " + victim.name(), errno);
    HeldProcess held(victim, std::move(pidfd));
    if (held.gone()) {
        return fail(held.label() + " has already ended, so nothing can be done to it",
                    ErrorCode::not_found);
    }
    return held;
}

Result<std::vector<HeldProcess>> HeldProcess::hold_all(const std::vector<Victim*>& victims) {
    std::vector<HeldProcess> all;
    all.reserve(victims.size());
    for (Victim* victim : victims) {
        FL_TRY(HeldProcess held, hold(*victim));
        all.push_back(std::move(held));
    }
    return all;
}

std::string HeldProcess::label() const {
    return victim_->name() + " (pid " + std::to_string(pid_) + ")";
}

Undo HeldProcess::undo_by_continuing() const {
    return {.kind = Undo::Kind::continue_process, .pid = pid_, .start_ticks = start_ticks_};
}

Result<> HeldProcess::signal(int number) const {
    if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0U) != 0) {
        const int error = errno;
        return fail_errno("sending " + signal_name(number) + " to " + label(), error);
    }
    return {};
}

bool HeldProcess::gone() const {
    return readable_within(pidfd_.get(), Duration::zero());
}

bool HeldProcess::wait_until_gone(Instant deadline) const {
    // Signals to the harness interrupt the wait; the deadline bounds the repeats.
    for (;;) {
        const Duration left = deadline - now();
        if (readable_within(pidfd_.get(), left)) return true;
        if (left <= Duration::zero()) return false;
    }
}

std::optional<Victim::Ended> HeldProcess::ended() const {
    if (!gone()) return std::nullopt;
    if (victim_->starts() != start_)
        return Victim::Ended{.seen = now(), .how = "an end that a restart followed"};
    return victim_->ended();
}

std::string signal_name(std::int64_t number) {
    const char* name = ::sigabbrev_np(static_cast<int>(number));
    return name != nullptr ? std::string(name) : "signal " + std::to_string(number);
}

}  // namespace faultline
