// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/link/wire.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/inject/link/address.hpp"

namespace faultline::testing {
namespace {

link::SocketAddress address_of(const std::string& text) {
    auto found = link::resolve_address(text, link::AddressUse::listen);
    EXPECT_TRUE(found) << text;
    return found ? found->front() : link::SocketAddress();
}

bool ready(int fd, short events, Duration wait) {
    pollfd poll{.fd = fd, .events = events, .revents = 0};
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
    return ::poll(&poll, 1, static_cast<int>(milliseconds)) > 0;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
    const Instant deadline = now() + test_deadline;
    while (!condition()) {
        if (now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

Wire::Wire(UniqueFd fd) : fd_(std::move(fd)) {
    const timeval patience{
        .tv_sec = std::chrono::duration_cast<std::chrono::seconds>(test_deadline).count(),
        .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

Wire Wire::connect(const std::string& address) {
    const link::SocketAddress to = address_of(address);
    UniqueFd fd(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), to.get(), to.length()) == 0) return Wire(std::move(fd));
    Wire none;
    if (errno == ECONNRESET) none.ending_ = Ending::reset;
    return none;
}

bool Wire::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::string Wire::read(std::size_t bytes) {
    std::string all(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
        const ssize_t count = ::recv(fd_.get(), all.data() + have, bytes - have, 0);
        if (count == 0) ending_ = Ending::end;
        if (count < 0 && (errno == ECONNRESET || errno == EPIPE)) ending_ = Ending::reset;
        if (count <= 0) break;
        have += static_cast<std::size_t>(count);
    }
    all.resize(have);
    return all;
}

std::string Wire::read_to_end() {
    std::string all;
    for (;;) {
        std::string some(64 << 10, '\0');
        const ssize_t count = ::recv(fd_.get(), some.data(), some.size(), 0);
        if (count == 0) ending_ = Ending::end;
        if (count < 0 && (errno == ECONNRESET || errno == EPIPE)) ending_ = Ending::reset;
        if (count <= 0) return all;
        all.append(some, 0, static_cast<std::size_t>(count));
    }
}

Ending Wire::wait_for_end() {
    static_cast<void>(read_to_end());
    return ending_;
}

std::size_t Wire::send_until_blocked() {
    const std::string block(64 << 10, 'x');
    std::size_t total = 0;
    // Blocked is: nothing taken for a while, which is long for a machine and short for a test.
    constexpr Duration still = std::chrono::milliseconds(500);
    while (ready(fd_.get(), POLLOUT, still)) {
        const ssize_t count =
            ::send(fd_.get(), block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) total += static_cast<std::size_t>(count);
        if (count < 0 && errno != EAGAIN) break;
    }
    return total;
}

bool Wire::readable_now() const {
    return ready(fd_.get(), POLLIN, Duration::zero());
}

void Wire::finish() {
    ::shutdown(fd_.get(), SHUT_WR);
}

void Wire::reset() {
    linger at_once{};
    at_once.l_onoff = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd_.reset();
}

TestServer::TestServer(const std::string& address) {
    const link::SocketAddress at = address_of(address);
    fd_ = UniqueFd(::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    EXPECT_EQ(::bind(fd_.get(), at.get(), at.length()), 0) << address << std::strerror(errno);
    EXPECT_EQ(::listen(fd_.get(), 4096), 0);
    const auto bound = link::SocketAddress::of_socket(fd_.get());
    EXPECT_TRUE(bound);
    if (bound) address_ = bound->text();
}

Wire TestServer::accept() {
    if (!ready(fd_.get(), POLLIN, test_deadline)) return {};
    return Wire(UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
}

bool TestServer::somebody_waits() const {
    return ready(fd_.get(), POLLIN, Duration::zero());
}

std::string noise(std::size_t bytes, std::uint64_t seed) {
    Random random(seed);
    std::string all;
    all.reserve(bytes + 8);
    while (all.size() < bytes) {
        const std::uint64_t word = random.next();
        all.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    all.resize(bytes);
    return all;
}

}  // namespace faultline::testing
