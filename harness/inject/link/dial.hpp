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

/// Once `fd` is writable or broken: whether it is connected, and to somebody else.
[[nodiscard]] bool dialled_through(int fd, const SocketAddress& address);

}  // namespace faultline::link
