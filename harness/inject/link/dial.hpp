// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/base/file.hpp"
#include "harness/inject/link/address.hpp"

namespace faultline::link {

/// A connection that was begun.
struct Dialled {
    enum class Outcome : std::uint8_t {
        pending,  // `fd` becomes writable when it is decided
        busy,     // a Unix socket whose queue is full: the kernel will not tell when it is not
        refused,  // nobody there, or no way there
        no_descriptor,  // we have too many
    };
    Outcome outcome;
    UniqueFd fd{};
};

/// Never waits.
[[nodiscard]] Dialled dial(const SocketAddress& address);

/// What came of it, once `fd` is writable or broken.
enum class DialEnd : std::uint8_t {
    connected,
    broken,  // it was connected, and reset since; what had come before can still be read
    failed,
};
[[nodiscard]] DialEnd dial_end(int fd, const SocketAddress& address);

}  // namespace faultline::link
