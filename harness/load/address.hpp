// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <sys/socket.h>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// A TCP address as the kernel wants it.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

/// Errors: the host is neither an address nor a name this machine knows.
[[nodiscard]] Result<SocketAddress> resolve(const std::string& host, std::uint16_t port);

/// What became of a non-blocking connect.
struct ConnectStart {
    UniqueFd fd{};
    bool connected = false;  // false: wait until writable, then ask `connect_error`
    int error = 0;           // the attempt has failed with this errno
};

/// Begins a non-blocking TCP connection with TCP_NODELAY.
[[nodiscard]] ConnectStart start_connect(const SocketAddress& address);

/// The errno of a connect that has ended, 0 for success. A socket connected to itself counts as
/// refused: a connect to a port of the ephemeral range where nobody listens may pick that very port
/// as its own and meet itself (simultaneous open, RFC 9293 section 3.5).
[[nodiscard]] int connect_error(int fd);

}  // namespace faultline
