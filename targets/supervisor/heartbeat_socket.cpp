// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/heartbeat_socket.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/random.hpp"

namespace ftsupervisor {
namespace {

using faultline::Result;
using faultline::UniqueFd;

constexpr int datagrams_per_turn_max = 256;  // the kernel queues far fewer
constexpr std::size_t child_name_max = 40;   // of the address, which has 107 bytes

/// Who sent the datagram, from its control message (SO_PASSCRED, unix(7)).
ucred sender_of(msghdr& message) {
    ucred sender{-1, static_cast<uid_t>(-1), static_cast<gid_t>(-1)};
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS)
            std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
    }
    return sender;
}

bool may_beat(const ucred& sender, pid_t session) {
    return sender.uid == ::geteuid() ||
           (session > 0 && sender.pid > 0 && ::getsid(sender.pid) == session);
}

}  // namespace

Result<HeartbeatSocket> HeartbeatSocket::open(const std::string& child) {
    const std::string doing = "opening the heartbeat socket of " + child;
    UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        return faultline::fail_errno(doing, errno);
    std::string name = fmt::format("@ftsupervisor-{}-{:016x}-{}",
                                   ::getpid(),
                                   faultline::fresh_seed(),
                                   child.substr(0, child_name_max));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
        return faultline::fail_errno(doing, errno);
    return HeartbeatSocket(std::move(name), std::move(socket));
}

bool HeartbeatSocket::drain(pid_t session) {
    bool beaten = false;
    for (int count = 0; count < datagrams_per_turn_max; ++count) {
        std::array<char, 16> content{};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
        iovec part{content.data(), content.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        if (::recvmsg(socket_.get(), &message, MSG_DONTWAIT) < 0) return beaten;
        beaten = may_beat(sender_of(message), session) || beaten;
    }
    return beaten;
}

}  // namespace ftsupervisor
