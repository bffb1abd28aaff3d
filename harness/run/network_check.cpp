// SPDX-License-Identifier: Apache-2.0
#include "harness/run/network_check.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/time.hpp"
#include "harness/inject/link/kernel_network.hpp"
#include "harness/launch/network_fabric.hpp"

namespace faultline {
namespace {

constexpr std::uint16_t port = 4711;
constexpr const char* caller = "caller";
constexpr const char* listener = "listener";
// Microseconds are enough on an idle machine.
constexpr int patience_ms = 5000;

sockaddr_in address_of(const NetworkFabric& fabric, const std::string& end) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    ::inet_pton(AF_INET, fabric.address(end).c_str(), &name.sin_addr);
    return name;
}

bool ready(int fd, short events, int wait_ms) {
    pollfd waiting{fd, events, 0};
    return ::poll(&waiting, 1, wait_ms) == 1 && (waiting.revents & events) != 0;
}

/// A socket at `end`, bound there, that never blocks.
Result<UniqueFd> socket_at(const NetworkFabric& fabric, const std::string& end, int type) {
    FL_TRY(const auto there, fabric.enter(end));
    UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return fail_errno("a socket in a network namespace", errno);
    const sockaddr_in name = address_of(fabric, end);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        return fail_errno("binding " + fabric.address(end), errno);
    return socket;
}

Result<> check_connection(const NetworkFabric& fabric) {
    FL_TRY(const UniqueFd server, socket_at(fabric, listener, SOCK_STREAM));
    if (::listen(server.get(), 1) != 0) return fail_errno("listening", errno);
    FL_TRY(const UniqueFd client, socket_at(fabric, caller, SOCK_STREAM));
    const sockaddr_in name = address_of(fabric, listener);
    const int connected =
        ::connect(client.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
    if (connected != 0 && errno != EINPROGRESS) return fail_errno("connecting two ends", errno);
    if (!ready(server.get(), POLLIN, patience_ms))
        return fail("two ends of a network do not reach each other", ErrorCode::unsupported);
    return {};
}

/// Sends one packet from caller to listener; whether it arrives or the network drops it.
Result<bool> packet_arrives(const NetworkFabric& fabric,
                            NftNetwork& network,
                            int from_socket,
                            int to_socket) {
    FL_TRY(const std::uint64_t before, network.dropped({caller, listener}));
    const sockaddr_in name = address_of(fabric, listener);
    if (::sendto(from_socket, "?", 1, 0, reinterpret_cast<const sockaddr*>(&name), sizeof name) !=
        1)
        return fail_errno("sending a packet", errno);
    for (const Instant begin = now(); now() - begin < std::chrono::milliseconds(patience_ms);) {
        if (ready(to_socket, POLLIN, 1)) {
            std::array<char, 1> buffer{};
            static_cast<void>(::read(to_socket, buffer.data(), buffer.size()));
            return true;
        }
        FL_TRY(const std::uint64_t dropped, network.dropped({caller, listener}));
        if (dropped > before) return false;
    }
    return fail("a packet neither arrived nor was dropped", ErrorCode::timeout);
}

Result<> check_cut(const NetworkFabric& fabric, NftNetwork& network) {
    FL_TRY(const UniqueFd from, socket_at(fabric, caller, SOCK_DGRAM));
    FL_TRY(const UniqueFd to, socket_at(fabric, listener, SOCK_DGRAM));
    FL_TRY_VOID(network.cut({{caller, listener}}));
    FL_TRY(const bool passed, packet_arrives(fabric, network, from.get(), to.get()));
    if (passed) return fail("packets pass a path that was cut", ErrorCode::unsupported);
    FL_TRY_VOID(network.heal({{caller, listener}}));
    FL_TRY(const bool again, packet_arrives(fabric, network, from.get(), to.get()));
    if (!again) return fail("packets do not pass a path that was healed", ErrorCode::unsupported);
    return {};
}

}  // namespace

Result<> check_network() {
    FL_TRY(const auto fabric, NetworkFabric::create({caller, listener}));
    FL_TRY(const auto network,
           NftNetwork::create(fabric->namespace_fd(NetworkFabric::switch_end), fabric->ports()));
    FL_TRY_VOID(check_connection(*fabric));
    return check_cut(*fabric, *network);
}

}  // namespace faultline
