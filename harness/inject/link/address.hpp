// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline::link {

/// A socket address as the kernel takes it: IPv4, IPv6 or a Unix socket's path.
class SocketAddress {
  public:
    SocketAddress() = default;
    SocketAddress(const sockaddr* address, socklen_t length);
    /// What `fd` is bound to.
    [[nodiscard]] static Result<SocketAddress> of_socket(int fd);
    /// Requires: the path fits (see `resolve_address`).
    [[nodiscard]] static SocketAddress of_path(const std::string& path);

    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage_);
    }
    [[nodiscard]] socklen_t length() const { return length_; }
    [[nodiscard]] int family() const { return storage_.ss_family; }
    [[nodiscard]] bool is_unix() const { return family() == AF_UNIX; }
    /// 127.0.0.0/8 or ::1.
    [[nodiscard]] bool is_loopback() const;
    /// 0 for a Unix socket.
    [[nodiscard]] std::uint16_t port() const;
    /// Requires: not a Unix socket.
    void set_port(std::uint16_t port);
    /// Empty but for a Unix socket.
    [[nodiscard]] std::string path() const;

    /// Numeric, and what `resolve_address` reads back: "127.0.0.1:80", "[::1]:80", "unix:/path".
    [[nodiscard]] std::string text() const;
    /// With the network in front, for messages: "tcp 127.0.0.1:80", "unix /path".
    [[nodiscard]] std::string described() const;

    [[nodiscard]] bool operator==(const SocketAddress& other) const;

  private:
    sockaddr_storage storage_{};
    socklen_t length_ = 0;
};

/// Listening may leave the port to the kernel (0), connecting may not.
enum class AddressUse : std::uint8_t { listen, connect };

/// What an address of a link names, at least one, IPv4 before IPv6.
/// Errors: `invalid`: not an address, or a name that does not resolve.
/// Thread: any; may wait for a name server.
[[nodiscard]] Result<std::vector<SocketAddress>> resolve_address(const std::string& text,
                                                                 AddressUse use);

}  // namespace faultline::link
