// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>

/// Signs of life for a supervisor. C++17, no dependency, so that any program can embed it; other
/// languages send any datagram to the Unix socket that FTSUPERVISOR_HEARTBEAT names. A leading "@"
/// stands for the zero byte of an abstract address, as in sd_notify(3).
namespace ftcore {

namespace embed {

/// The socket that the supervisor named in the environment; opened once, at the first beat.
/// Thread: any.
class HeartbeatSink {
  public:
    /// `timeout_us`: how long a silence the supervisor bears.
    HeartbeatSink(const char* path, const char* timeout_us) noexcept {
        const std::size_t length = path == nullptr ? 0 : std::strlen(path);
        if (length == 0 || length >= sizeof address_.sun_path) return;
        address_.sun_family = AF_UNIX;
        std::memcpy(address_.sun_path, path, length);
        if (path[0] == '@') address_.sun_path[0] = '\0';
        address_length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
        if (timeout_us != nullptr) interval_ns_ = std::atoll(timeout_us) * 1000 / beats_per_timeout;
        if (interval_ns_ <= 0) interval_ns_ = default_interval_ns;
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    // Never closed: a thread may still beat while the process ends.
    HeartbeatSink(const HeartbeatSink&) = delete;
    HeartbeatSink& operator=(const HeartbeatSink&) = delete;

    [[nodiscard]] bool enabled() const noexcept { return socket_ >= 0; }
    [[nodiscard]] std::int64_t interval_ns() const noexcept { return interval_ns_; }

    bool beat(std::int64_t now_ns) noexcept {
        if (!enabled()) return false;
        std::int64_t due = due_ns_.load(std::memory_order_relaxed);
        if (now_ns < due) return false;
        // Of threads that come at once, one sends.
        if (!due_ns_.compare_exchange_strong(due, now_ns + interval_ns_)) return false;
        const int saved_errno = errno;
        const bool sent = ::sendto(socket_,
                                   "beat",
                                   4,
                                   MSG_DONTWAIT | MSG_NOSIGNAL,
                                   reinterpret_cast<const sockaddr*>(&address_),
                                   address_length_) == 4;
        errno = saved_errno;
        return sent;
    }

  private:
    static constexpr std::int64_t beats_per_timeout = 4;  // three may be lost
    static constexpr std::int64_t default_interval_ns = 100'000'000;

    int socket_ = -1;
    sockaddr_un address_{};
    socklen_t address_length_ = 0;
    std::int64_t interval_ns_ = default_interval_ns;
    std::atomic<std::int64_t> due_ns_{0};
};

inline HeartbeatSink& heartbeat_sink() noexcept {
    static HeartbeatSink sink(std::getenv("FTSUPERVISOR_HEARTBEAT"),
                              std::getenv("FTSUPERVISOR_HEARTBEAT_US"));
    return sink;
}

}  // namespace embed

/// Tells the supervisor that this program makes progress. Call it from the loop that does the work,
/// as often as you like: at most four per heartbeat timeout are sent, in one non-blocking call.
/// Does nothing when no supervisor listens. Returns whether a beat was sent. Thread: any. Throws
/// nothing, allocates nothing, raises no signal, leaves errno alone.
inline bool beat_supervisor() noexcept {
    embed::HeartbeatSink& sink = embed::heartbeat_sink();
    if (!sink.enabled()) return false;
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return sink.beat(static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec);
}

/// How often to beat; for an idle loop's timer. Units: nanoseconds; 0: no supervisor listens.
[[nodiscard]] inline std::int64_t beat_interval_ns() noexcept {
    const embed::HeartbeatSink& sink = embed::heartbeat_sink();
    return sink.enabled() ? sink.interval_ns() : 0;
}

}  // namespace ftcore
