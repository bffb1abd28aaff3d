// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <sys/types.h>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/inject/link/address.hpp"

namespace faultline::link {

/// A listening socket that can stop listening and keep its address meanwhile.
/// Thread: one at a time.
class Listener {
  public:
    /// Errors: the kernel's, with the address and the step: "listen tcp 127.0.0.1:80: bind: address
    /// already in use". A Unix socket's file that nobody listens on any more is replaced.
    [[nodiscard]] static Result<std::unique_ptr<Listener>> open(const SocketAddress& wanted);
    /// Stops listening; a Unix socket's file is removed.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Changes when a Unix socket is suspended.
    [[nodiscard]] int descriptor() const { return fd_.get(); }
    [[nodiscard]] const SocketAddress& address() const { return address_; }
    [[nodiscard]] bool listening() const { return listening_; }

    /// From now on who connects is refused (ECONNREFUSED), and who waits to be accepted is reset;
    /// nobody else can take the address.
    void suspend();
    /// Listens again. False: the kernel would not; try again later.
    [[nodiscard]] bool resume();

  private:
    Listener(UniqueFd fd, const SocketAddress& address) : fd_(std::move(fd)), address_(address) {}
    void note_file();
    [[nodiscard]] bool owns_file() const;

    UniqueFd fd_;
    SocketAddress address_;
    bool listening_ = true;
    dev_t file_device_ = 0;  // of a Unix socket's file, so that no other's is removed
    ino_t file_number_ = 0;
};

}  // namespace faultline::link
