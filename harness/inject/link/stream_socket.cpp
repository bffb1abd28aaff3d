// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/stream_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>

namespace faultline::link {

namespace {

/// Whether the machine's congestion control spreads packets over time. On loopback, where nothing
/// is ever congested, BBR halves what a link carries and doubles what a byte costs.
bool default_paces() {
    static const bool paces = [] {
        const UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        char name[16] = {};  // TCP_CA_NAME_MAX
        socklen_t length = sizeof name;
        return ::getsockopt(probe.get(), IPPROTO_TCP, TCP_CONGESTION, name, &length) == 0 &&
               std::string_view(name, length).starts_with("bbr");
    }();
    return paces;
}

void switch_on(int fd, int level, int option) {
    const int on = 1;
    static_cast<void>(::setsockopt(fd, level, option, &on, sizeof on));
}

}  // namespace

UniqueFd stream_socket(const SocketAddress& address) {
    UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd || address.is_unix()) return fd;
    switch_on(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    switch_on(fd.get(), SOL_SOCKET, SO_OOBINLINE);
    if (address.is_loopback() && default_paces()) {
        // The one that everybody may choose. Source: tcp(7), tcp_allowed_congestion_control.
        constexpr std::string_view plain = "reno";
        static_cast<void>(
            ::setsockopt(fd.get(), IPPROTO_TCP, TCP_CONGESTION, plain.data(), plain.size()));
    }
    return fd;
}

void reset_on_close(int fd) {
    linger at_once{};
    at_once.l_onoff = 1;
    at_once.l_linger = 0;
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

}  // namespace faultline::link
