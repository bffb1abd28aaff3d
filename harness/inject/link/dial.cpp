// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/dial.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "harness/inject/link/stream_socket.hpp"

namespace faultline::link {
namespace {

/// A connect to a free port of this machine from which the kernel happens to dial meets itself, and
/// then holds the port that the server wants. Source: RFC 9293 section 3.5, simultaneous open.
bool met_itself(int fd, const SocketAddress& address) {
    const auto own = SocketAddress::of_socket(fd);
    return own && own->port() == address.port() && *own == address;
}

}  // namespace

Dialled dial(const SocketAddress& address) {
    UniqueFd fd = stream_socket(address);
    if (!fd) {
        const bool full = errno == EMFILE || errno == ENFILE;
        return {full ? Dialled::Outcome::no_descriptor : Dialled::Outcome::refused};
    }
    if (::connect(fd.get(), address.get(), address.length()) == 0 || errno == EINPROGRESS) {
        return {Dialled::Outcome::pending, std::move(fd)};
    }
    const bool full = address.is_unix() && errno == EAGAIN;
    return {full ? Dialled::Outcome::busy : Dialled::Outcome::refused};
}

DialEnd dial_end(int fd, const SocketAddress& address) {
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return DialEnd::failed;
    // A reset instead of an answer says ECONNREFUSED. Source: connect(2), tcp(7).
    if (error == ECONNRESET) return DialEnd::broken;
    if (error != 0) return DialEnd::failed;
    return address.is_unix() || !met_itself(fd, address) ? DialEnd::connected : DialEnd::failed;
}

}  // namespace faultline::link
