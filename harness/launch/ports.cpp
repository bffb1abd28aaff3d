// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/ports.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>

#include "harness/launch/journal.hpp"

namespace faultline {
namespace {

constexpr std::uint32_t lowest_port = 10000;
constexpr std::uint32_t port_count = 65536;

struct PortRange {
    std::uint32_t first;
    std::uint32_t end;
};

// Ports that the kernel does not hand out to outgoing connections.
PortRange ports_to_choose_from() {
    std::uint32_t low = 32768;
    std::uint32_t high = 60999;
    if (const auto text = read_file("/proc/sys/net/ipv4/ip_local_port_range")) {
        std::istringstream(*text) >> low >> high;
    }
    if (low > lowest_port) return {lowest_port, low};
    if (high + 1 < port_count) return {std::max(lowest_port, high + 1), port_count};
    return {lowest_port,
            port_count};  // no quiet place on this machine: the lock and the check remain
}

bool can_bind(std::uint16_t port, in_addr_t address) {
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return false;
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(address);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

bool lock_port(int lock_file, std::uint16_t port, short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = port;
    lock.l_len = 1;
    return ::fcntl(lock_file, F_OFD_SETLK, &lock) == 0;
}

}  // namespace

bool port_is_free(std::uint16_t port) {
    return can_bind(port, INADDR_LOOPBACK) && can_bind(port, INADDR_ANY);
}

Result<PortLease> PortLease::take(std::size_t count, Random& random) {
    FL_TRY(const auto folder, journal_folder());
    const auto path = folder / "ports.lock";
    PortLease lease;
    lease.lock_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lease.lock_) return fail_errno("opening " + path.string(), errno);
    const PortRange range = ports_to_choose_from();
    // From a random port on, each at most once.
    const std::uint64_t size = range.end - range.first;
    const std::uint64_t start = random.below(size);
    for (std::uint64_t step = 0; step < size && lease.ports_.size() < count; ++step) {
        const auto port = static_cast<std::uint16_t>(range.first + (start + step) % size);
        if (!lock_port(lease.lock_.get(), port, F_WRLCK)) continue;
        if (port_is_free(port)) {
            lease.ports_.push_back(port);
        } else {
            lock_port(lease.lock_.get(), port, F_UNLCK);
        }
    }
    if (lease.ports_.size() == count) return lease;
    return fail("only " + std::to_string(lease.ports_.size()) + " of " + std::to_string(count) +
                    " free TCP ports found between " + std::to_string(range.first) + " and " +
                    std::to_string(range.end - 1),
                ErrorCode::exists);
}

}  // namespace faultline
