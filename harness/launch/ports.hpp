// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/random.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// `count` loopback TCP ports free right now, below ip_local_port_range so that no outgoing
/// connection can take them, and locked against other leases of this user, in any process, as long
/// as the lease lives (byte `port` of one lock file; the kernel unlocks when the process dies).
/// Source: fcntl(2), open file description locks.
class PortLease {
  public:
    /// Errors: `exists` when so many are not free, `permission` when the lock file cannot be made.
    [[nodiscard]] static Result<PortLease> take(std::size_t count, Random& random);
    PortLease() = default;
    PortLease(PortLease&&) noexcept = default;
    PortLease& operator=(PortLease&&) noexcept = default;
    [[nodiscard]] const std::vector<std::uint16_t>& ports() const { return ports_; }

  private:
    std::vector<std::uint16_t> ports_;
    UniqueFd lock_;
};

/// Whether a server could bind 127.0.0.1:port and *:port now; found by binding, not by connecting.
[[nodiscard]] bool port_is_free(std::uint16_t port);

}  // namespace faultline
