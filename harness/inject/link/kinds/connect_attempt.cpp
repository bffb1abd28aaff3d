// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/connect_attempt.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

#include "harness/inject/link/address.hpp"
#include "harness/inject/link/stream_socket.hpp"

namespace faultline::link {
namespace {

/// On one machine the answer is there at once, or does not come.
constexpr int patience_ms = 20;

}  // namespace

ConnectAnswer attempt_connect(const std::string& address) {
    const auto where = resolve_address(address, AddressUse::connect);
    if (!where) return ConnectAnswer::other;
    const SocketAddress& target = where->front();
    const UniqueFd socket = stream_socket(target);
    if (!socket) return ConnectAnswer::other;
    int error = ::connect(socket.get(), target.get(), target.length()) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        pollfd waiting{.fd = socket.get(), .events = POLLOUT, .revents = 0};
        socklen_t size = sizeof error;
        if (::poll(&waiting, 1, patience_ms) != 1 ||
            ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            return ConnectAnswer::other;
        }
    }
    return error == ECONNREFUSED ? ConnectAnswer::refused : ConnectAnswer::other;
}

}  // namespace faultline::link
