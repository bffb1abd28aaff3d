// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/toxiproxy/sockets.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "harness/base/check.hpp"
#include "harness/base/time.hpp"

namespace faultline::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* raw(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

std::uint16_t port_of(const std::string& address) {
    unsigned port = 0;
    const std::size_t colon = address.rfind(':');
    FL_CHECK(colon != std::string::npos);
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    return static_cast<std::uint16_t>(port);
}

UniqueFd new_socket() {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    FL_CHECK(static_cast<bool>(fd));
    return fd;
}

std::uint16_t bind_to_any(int fd) {
    const sockaddr_in wanted = loopback(0);
    FL_CHECK(::bind(fd, raw(wanted), sizeof wanted) == 0);
    sockaddr_in bound{};
    socklen_t length = sizeof bound;
    FL_CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) == 0);
    return ntohs(bound.sin_port);
}

std::string text_of(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

// ---- Peer

Peer::Peer(UniqueFd fd) : fd_(std::move(fd)) {
    const timeval patience{.tv_sec = patience_seconds, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Peer Peer::connect(const std::string& address) {
    Peer peer(new_socket());
    const sockaddr_in to = loopback(port_of(address));
    if (::connect(peer.fd(), raw(to), sizeof to) == 0) return peer;
    peer.error_ = errno;
    peer.fd_.reset();
    return peer;
}

bool Peer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string Peer::receive_some(std::size_t most) {
    std::string bytes(most, '\0');
    for (;;) {
        const ssize_t got = ::recv(fd_.get(), bytes.data(), most, 0);
        if (got < 0 && errno == EINTR) continue;
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0) end_ = End::closed;
        if (got < 0) end_ = errno == EAGAIN || errno == EWOULDBLOCK ? End::late : End::reset;
        return bytes;
    }
}

std::string Peer::receive(std::size_t bytes) {
    std::string all;
    while (all.size() < bytes && end_ == End::none)
        all += receive_some(bytes - all.size());
    return all;
}

std::string Peer::receive_all() {
    std::string all;
    while (end_ == End::none)
        all += receive_some();
    return all;
}

void Peer::finish() {
    ::shutdown(fd_.get(), SHUT_WR);
}

void echo(Peer& peer) {
    while (peer.end() == End::none) {
        if (!peer.send(peer.receive_some())) return;
    }
}

// ---- TestServer

TestServer::TestServer(std::function<void(Peer& peer)> serve)
    : serve_(std::move(serve)), listener_(new_socket()), port_(bind_to_any(listener_.get())) {
    FL_CHECK(::listen(listener_.get(), 1024) == 0);
    accepting_ = std::thread([this] { accept(); });
}

TestServer::~TestServer() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    accepting_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int fd : open_)
            ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : serving_)
        thread.join();
}

std::string TestServer::address() const {
    return text_of(port_);
}

void TestServer::accept() {
    while (!stopping_) {
        UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd) continue;
        ++accepted_;
        const int number = fd.get();
        {
            const std::lock_guard lock(mutex_);
            open_.push_back(number);
        }
        serving_.emplace_back([this, number, peer = Peer(std::move(fd))]() mutable {
            serve_(peer);
            const std::lock_guard lock(mutex_);
            std::erase(open_, number);
            peer.close();
        });
    }
}

// ---- ports

SilentPort::SilentPort() : listener_(new_socket()), port_(bind_to_any(listener_.get())) {
    FL_CHECK(::listen(listener_.get(), 0) == 0);
    // The queue of a listener takes a few more than it says: filled until a connect waits.
    for (int i = 0; i < 16; ++i) {
        UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const sockaddr_in to = loopback(port_);
        static_cast<void>(::connect(fd.get(), raw(to), sizeof to));
        pollfd ready{.fd = fd.get(), .events = POLLOUT, .revents = 0};
        const bool waits = ::poll(&ready, 1, 200) == 0;
        waiting_.push_back(std::move(fd));
        if (waits) return;
    }
    check_failed("the queue of a listener never fills");
}

std::string SilentPort::address() const {
    return text_of(port_);
}

TakenPort::TakenPort() : fd_(new_socket()), port_(bind_to_any(fd_.get())) {
    FL_CHECK(::listen(fd_.get(), 1) == 0);
}

std::string TakenPort::address() const {
    return text_of(port_);
}

bool eventually(const std::function<bool()>& condition) {
    const Instant deadline = now() + std::chrono::seconds(patience_seconds);
    while (!condition()) {
        if (now() >= deadline) return false;
        ::poll(nullptr, 0, 1);  // other processes of the machine want to get on too
    }
    return true;
}

}  // namespace faultline::testing
