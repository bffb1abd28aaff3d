// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace ftsupervisor {

/// Where one child sends its beats: a Unix datagram socket with an abstract address, of which
/// nothing is left behind however the supervisor ends. Beats count when they come from a process of
/// the same user or of the child's session; any user can see and reach an abstract address.
class HeartbeatSocket {
  public:
    [[nodiscard]] static faultline::Result<HeartbeatSocket> open(const std::string& child);

    /// For FTSUPERVISOR_HEARTBEAT: "@ftsupervisor-...".
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] int fd() const { return socket_.get(); }

    /// Reads what has come. Whether there was a beat of the child that leads `session`.
    bool drain(pid_t session);

  private:
    HeartbeatSocket(std::string name, faultline::UniqueFd socket)
        : name_(std::move(name)), socket_(std::move(socket)) {}

    std::string name_;
    faultline::UniqueFd socket_;
};

}  // namespace ftsupervisor
