// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/netlink.hpp"

namespace faultline {

/// A process that may hold the other end of a connection, with everything it has started.
struct OwnerCandidate {
    std::string name;  // "kv[0]"
    pid_t pid = -1;    // -1: it does not run
};

/// Finds the process behind an accepted loopback connection:
///
///   peer's port ──(sock_diag, or /proc/net/tcp)──► socket inode ──(/proc/PID/fd)──► process
///     ──(parents, or FAULTLINE_INSTANCE in its environment)──► candidate
///
/// Nothing is remembered from one connection to the next: ports, inodes and pids come back.
/// Source: sock_diag(7), proc(5).
/// Thread: any.
class ConnectionOwner {
  public:
    /// Where sock_diag is not to be had, /proc/net/tcp is read, which takes longer.
    ConnectionOwner();

    /// The name of the candidate that connected; absent: somebody else, or it is gone.
    [[nodiscard]] std::optional<std::string> find(int descriptor,
                                                  const std::vector<OwnerCandidate>& candidates);

    /// The inode of the socket at the other end; 0: not TCP on this machine, or closed already.
    [[nodiscard]] std::uint64_t peer_inode(int descriptor);
    /// The same through /proc/net/tcp.
    [[nodiscard]] static std::uint64_t peer_inode_from_table(int descriptor);

  private:
    std::mutex mutex_;  // guards the socket
    std::optional<NetlinkSocket> socket_{};
};

}  // namespace faultline
