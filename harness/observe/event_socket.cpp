// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/event_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "harness/base/file.hpp"
#include "harness/observe/event_datagram.hpp"

namespace faultline {
namespace {
namespace asio = boost::asio;

constexpr std::size_t datagram_bytes_max = 64 * 1024;
constexpr int datagrams_per_wake_max = 256;       // then the loop's other work gets its turn
constexpr int datagrams_per_drain_max = 1 << 20;  // a sender that never stops must not hold us
constexpr int receive_buffer_bytes = 8 << 20;

/// The pid that the kernel put beside a datagram, or 0.
int sender_of(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
        ucred credentials{};
        std::memcpy(&credentials, CMSG_DATA(part), sizeof credentials);
        return credentials.pid;
    }
    return 0;
}

class LocalEventSocket final : public EventSocket {
  public:
    LocalEventSocket(Loop& loop, UniqueFd socket, Options options)
        : options_(std::move(options)),
          opened_(now()),
          descriptor_(loop.context(), socket.release()),
          buffer_(datagram_bytes_max) {
        wait();
    }
    LocalEventSocket(const LocalEventSocket&) = delete;
    LocalEventSocket& operator=(const LocalEventSocket&) = delete;
    ~LocalEventSocket() override {
        *alive_ = false;
        ::unlink(options_.path.c_str());
    }

    [[nodiscard]] std::uint64_t malformed() const override { return malformed_; }
    [[nodiscard]] std::string malformed_example() const override { return malformed_example_; }
    void drain() override { receive(datagrams_per_drain_max); }

  private:
    void wait() {
        descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                               [this, alive = alive_](boost::system::error_code error) {
                                   if (error || !*alive) return;
                                   if (receive(datagrams_per_wake_max)) wait();
                               });
    }

    /// Handles up to `limit` datagrams that are there. Returns false when a callback destroyed us.
    bool receive(int limit) {
        const auto alive = alive_;
        for (int count = 0; count < limit; ++count) {
            if (!receive_one()) break;
            if (!*alive) return false;
        }
        return true;
    }

    /// Returns false when nothing is waiting.
    bool receive_one() {
        iovec piece{buffer_.data(), buffer_.size()};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
        msghdr message{};
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = ::recvmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT);
        if (size < 0) return errno == EINTR;
        const Instant arrived = now();
        const std::string_view text(buffer_.data(), static_cast<std::size_t>(size));
        std::optional<Event> event;
        if ((message.msg_flags & MSG_TRUNC) == 0) event = decode_event(text, arrived, opened_);
        if (!event) {
            ++malformed_;
            malformed_example_ = shortened(text);
            return true;
        }
        if (event->instance.empty() && options_.instance_of) {
            event->instance = options_.instance_of(sender_of(message));
        }
        options_.on_event(std::move(*event));
        return true;
    }

    Options options_;
    Instant opened_;
    asio::posix::stream_descriptor descriptor_;
    std::vector<char> buffer_;
    std::uint64_t malformed_ = 0;
    std::string malformed_example_;
    // Read by handlers that are already queued when the socket goes away.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void remove_stale_socket(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
}

}  // namespace

Result<std::unique_ptr<EventSocket>> EventSocket::open(Loop& loop, Options options) {
    sockaddr_un address{};
    const std::string& path = options.path.native();
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return fail("event socket " + path + ": the path has " + std::to_string(path.size()) +
                        " bytes, the kernel takes 1 to " +
                        std::to_string(sizeof address.sun_path - 1) +
                        "; use a shorter result directory (--out)",
                    ErrorCode::invalid);
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);

    UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno("event socket " + path, errno);
    const int on = 1;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
        return fail_errno("event socket " + path + ": asking for the senders' pids", errno);
    }
    // As large as the machine allows; a smaller one only loses bursts, so failing is fine.
    const int bytes = receive_buffer_bytes;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
        static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes));
    }
    remove_stale_socket(options.path);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return fail_errno("event socket " + path, errno);
    }
    return std::unique_ptr<EventSocket>(
        std::make_unique<LocalEventSocket>(loop, std::move(socket), std::move(options)));
}

}  // namespace faultline
