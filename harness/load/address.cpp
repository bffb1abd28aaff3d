// SPDX-License-Identifier: Apache-2.0
#include "harness/load/address.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace faultline {
namespace {

bool connected_to_itself(int fd) {
    sockaddr_storage own{};
    sockaddr_storage peer{};
    socklen_t own_length = sizeof own;
    socklen_t peer_length = sizeof peer;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_length) != 0) return false;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_length) != 0) return false;
    return own_length == peer_length && std::memcmp(&own, &peer, own_length) == 0;
}

}  // namespace

Result<SocketAddress> resolve(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (error != 0) {
        return fail("load: host \"" + host + "\" cannot be resolved: " + ::gai_strerror(error),
                    ErrorCode::not_found);
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    SocketAddress address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    return address;
}

ConnectStart start_connect(const SocketAddress& address) {
    ConnectStart start;
    start.fd.reset(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!start.fd) {
        start.error = errno;
        return start;
    }
    const int on = 1;
    ::setsockopt(start.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(start.fd.get(), raw, address.length) == 0) {
        start.error = connect_error(start.fd.get());
        start.connected = start.error == 0;
    } else if (errno != EINPROGRESS) {
        start.error = errno;
    }
    return start;
}

int connect_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
    if (error == 0 && connected_to_itself(fd)) return ECONNREFUSED;
    return error;
}

}  // namespace faultline
