// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/file.hpp"
#include "harness/inject/link/address.hpp"

namespace faultline::link {

/// A stream socket to listen at `address` or to connect to it: it never waits and is not inherited.
/// TCP: it sends at once, an urgent byte stays in its place in the stream, and on loopback it does
/// not pace; accepted sockets inherit all that from their listener.
/// Empty, with errno set, when the kernel gives none.
[[nodiscard]] UniqueFd stream_socket(const SocketAddress& address);

/// Lets the close that follows send RST and drop what was not delivered. A Unix socket knows no
/// RST: its peer sees the end of the stream.
void reset_on_close(int fd);

}  // namespace faultline::link
