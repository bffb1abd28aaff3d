// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/connection.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <fmt/format.h>

namespace metronome {
namespace {

constexpr std::size_t output_bytes_max = 64 << 20;
constexpr int backlog = 4096;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The socket interface takes every address family through one pointer type.
const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

void set_option(int fd, int level, int name) {
    const int on = 1;
    ::setsockopt(fd, level, name, &on, sizeof on);
}

}  // namespace

bool Connection::receive() {
    std::array<char, 16384> chunk;
    const ssize_t count = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
    if (count > 0) input_.append(chunk.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

bool Connection::flush() {
    std::size_t sent = 0;
    while (sent < output_.size()) {
        const ssize_t count =
            ::send(fd_.get(), output_.data() + sent, output_.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count < 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    output_.erase(0, sent);
    return output_.size() <= output_bytes_max;
}

faultline::Result<faultline::UniqueFd> listen_on(std::uint16_t port) {
    faultline::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return faultline::fail_errno("creating a socket", errno);
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);
    const sockaddr_in address = loopback(port);
    if (::bind(fd.get(), generic(address), sizeof address) != 0) {
        return faultline::fail_errno(fmt::format("binding 127.0.0.1 port {}", port), errno);
    }
    // A port that the kernel chose is lost when the socket stops listening, one asked for is kept:
    // ask for the chosen one while it is still held.
    if (port == 0) return listen_on(port_of(fd.get()));
    if (!start_listening(fd.get())) {
        return faultline::fail_errno(fmt::format("listening on 127.0.0.1 port {}", port), errno);
    }
    return fd;
}

bool start_listening(int fd) {
    return ::listen(fd, backlog) == 0;
}

std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
}

faultline::Result<faultline::UniqueFd> connect_to(std::uint16_t port) {
    faultline::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return faultline::fail_errno("creating a socket", errno);
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    const sockaddr_in address = loopback(port);
    if (::connect(fd.get(), generic(address), sizeof address) != 0 && errno != EINPROGRESS) {
        return faultline::fail_errno(fmt::format("connecting to 127.0.0.1 port {}", port), errno);
    }
    return fd;
}

int connect_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

faultline::UniqueFd accept_from(int listener) {
    faultline::UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    return fd;
}

}  // namespace metronome
