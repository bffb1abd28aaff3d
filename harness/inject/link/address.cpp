// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/un.h>

#include <fmt/format.h>

#include "harness/base/check.hpp"

namespace faultline::link {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view examples = "for example 127.0.0.1:8080, [::1]:8080 or unix:/run/a.sock";

tl::unexpected<Error> bad_address(const std::string& text, std::string_view why) {
    return fail(fmt::format("address \"{}\": {}; {}", text, why, examples), ErrorCode::invalid);
}

struct HostAndPort {
    std::string host;
    std::string port;
};

Result<HostAndPort> split(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const std::size_t bracket = text.rfind(']');
    if (colon == std::string::npos || (bracket != std::string::npos && colon < bracket)) {
        return bad_address(text, "the port is missing");
    }
    std::string host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string::npos) {
        return bad_address(text, "an IPv6 address is written in brackets");
    }
    return HostAndPort{host.empty() ? "127.0.0.1" : host, text.substr(colon + 1)};
}

Result<> check_port(const std::string& text, const std::string& port, AddressUse use) {
    // getaddrinfo(3) takes 65616 for 80.
    unsigned value = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
    const unsigned port_min = use == AddressUse::listen ? 0 : 1;
    if (error != std::errc{} || end != port.data() + port.size() || value < port_min ||
        value > 65535) {
        return bad_address(text, fmt::format("the port is a number from {} to 65535", port_min));
    }
    return {};
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t length) : length_(length) {
    FL_CHECK_OP(<=, length, sizeof storage_);
    std::memcpy(&storage_, address, length);
}

Result<SocketAddress> SocketAddress::of_socket(int fd) {
    SocketAddress address;
    address.length_ = sizeof address.storage_;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage_), &address.length_) != 0) {
        return fail_errno("reading a socket's address", errno);
    }
    return address;
}

SocketAddress SocketAddress::of_path(const std::string& path) {
    sockaddr_un address{};
    FL_CHECK_OP(<, path.size(), sizeof address.sun_path);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return {reinterpret_cast<const sockaddr*>(&address), sizeof address};
}

bool SocketAddress::is_loopback() const {
    if (family() == AF_INET) {
        const auto* const address = reinterpret_cast<const sockaddr_in*>(&storage_);
        return ntohl(address->sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
    }
    return family() == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr);
}

std::uint16_t SocketAddress::port() const {
    if (family() == AF_INET) {
        return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
    }
    if (family() == AF_INET6) {
        return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
    }
    return 0;
}

void SocketAddress::set_port(std::uint16_t port) {
    if (family() == AF_INET) {
        reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port);
    } else {
        FL_CHECK_OP(==, family(), AF_INET6);
        reinterpret_cast<sockaddr_in6*>(&storage_)->sin6_port = htons(port);
    }
}

std::string SocketAddress::path() const {
    if (!is_unix()) return {};
    return reinterpret_cast<const sockaddr_un*>(&storage_)->sun_path;
}

std::string SocketAddress::text() const {
    if (length_ == 0) return {};
    if (is_unix()) return std::string(unix_prefix) + path();
    char host[NI_MAXHOST] = "?";
    static_cast<void>(::getnameinfo(get(), length_, host, sizeof host, nullptr, 0, NI_NUMERICHOST));
    return family() == AF_INET6 ? fmt::format("[{}]:{}", host, port())
                                : fmt::format("{}:{}", host, port());
}

std::string SocketAddress::described() const {
    return is_unix() ? "unix " + path() : "tcp " + text();
}

bool SocketAddress::operator==(const SocketAddress& other) const {
    return text() == other.text();
}

Result<std::vector<SocketAddress>> resolve_address(const std::string& text, AddressUse use) {
    if (text.starts_with(unix_prefix)) {
        const std::string path = text.substr(unix_prefix.size());
        constexpr std::size_t path_bytes_max = sizeof sockaddr_un{}.sun_path - 1;
        if (path.empty()) return bad_address(text, "the path is missing");
        if (path.size() > path_bytes_max || path.find('\0') != std::string::npos) {
            return bad_address(text,
                               fmt::format("a socket's path has at most {} bytes, this one has {}",
                                           path_bytes_max,
                                           path.size()));
        }
        return std::vector{SocketAddress::of_path(path)};
    }
    FL_TRY(const HostAndPort parts, split(text));
    FL_TRY_VOID(check_port(text, parts.port, use));
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &list);
    if (error != 0) {
        return bad_address(
            text, fmt::format("\"{}\" does not resolve: {}", parts.host, ::gai_strerror(error)));
    }
    std::vector<SocketAddress> found;
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next)
        found.emplace_back(one->ai_addr, one->ai_addrlen);
    ::freeaddrinfo(list);
    // A listener takes the first: "localhost" is 127.0.0.1, whatever the resolver prefers.
    std::stable_partition(found.begin(), found.end(), [](const SocketAddress& one) {
        return one.family() == AF_INET;
    });
    if (found.empty()) return bad_address(text, "it has no address");
    return found;
}

}  // namespace faultline::link
