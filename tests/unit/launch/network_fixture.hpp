// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <array>
#include <filesystem>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "harness/base/time.hpp"

namespace faultline::test {

/// The inode by which the kernel knows a namespace; 0: no such.
inline ino_t namespace_inode(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}
inline ino_t namespace_inode(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}
inline ino_t own_network() {
    return namespace_inode("/proc/thread-self/ns/net");
}

inline sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
    return name;
}

/// A socket bound to `address:port` where the thread is now. `type`: SOCK_STREAM (it listens) or
/// SOCK_DGRAM.
inline UniqueFd serve(int type, const std::string& address, std::uint16_t port) {
    UniqueFd server(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_in name = socket_address(address, port);
    if (::bind(server.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) return {};
    if (type == SOCK_STREAM && ::listen(server.get(), 16) != 0) return {};
    return server;
}

/// A socket connected to `address:port` from where the thread is now; empty: not within patience.
inline UniqueFd call(int type, const std::string& address, std::uint16_t port) {
    UniqueFd client(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const sockaddr_in name = socket_address(address, port);
    if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        return {};
    return client;
}

inline bool readable(int fd, int patience_ms) {
    pollfd waiting{fd, POLLIN, 0};
    return ::poll(&waiting, 1, patience_ms) == 1;
}

inline std::string read_some(int fd) {
    std::array<char, 256> buffer{};
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    return count <= 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(count));
}

/// Names of the devices in the namespace of the calling thread.
inline std::string devices_here() {
    std::string names;
    const auto table = read_file("/proc/thread-self/net/dev");
    if (!table) return names;
    std::size_t at = 0;
    while (at < table->size()) {
        const std::size_t end = std::min(table->find('\n', at), table->size());
        const std::string line = table->substr(at, end - at);
        if (const auto colon = line.find(':'); colon != std::string::npos) {
            names += line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' '));
            names += ' ';
        }
        at = end + 1;
    }
    return names;
}

}  // namespace faultline::test
