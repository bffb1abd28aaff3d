// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/client/redis_link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/resp.hpp"

namespace kvnode::client {

using faultline::Duration;
using ftcore::guard::call_failed;

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

constexpr std::size_t chunk_bytes = 16384;
constexpr std::int64_t poll_ms_max = 60'000;

tl::unexpected<CallError> not_done(std::string message) {
    return call_failed(ErrorCode::peer_lost, Retry::elsewhere, std::move(message));
}

tl::unexpected<CallError> perhaps_done(std::string message) {
    return call_failed(ErrorCode::outcome_unknown, Retry::if_idempotent, std::move(message));
}

/// Whether `fd` is ready for `events` in time.
bool wait_ready(int fd, short events, Deadline deadline) {
    for (;;) {
        const Duration left = deadline.left(faultline::now());
        const std::int64_t left_ms = std::min<std::int64_t>(
            std::chrono::ceil<std::chrono::milliseconds>(left).count(), poll_ms_max);
        pollfd waiting{fd, events, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left_ms));
        if (ready > 0) return true;
        if (left <= Duration::zero() || (ready < 0 && errno != EINTR)) return false;
    }
}

Addresses look_up(const RedisAddress& address) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    if (::getaddrinfo(
            address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &found) != 0) {
        found = nullptr;
    }
    return {found, ::freeaddrinfo};
}

/// 0, or why there is no connection.
int connect_to(const addrinfo& address, Deadline deadline, faultline::UniqueFd& socket) {
    socket.reset(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return errno;
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (!wait_ready(socket.get(), POLLOUT, deadline)) return ETIMEDOUT;
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
    return error;
}

}  // namespace

CallResult<> RedisLink::open(const RedisAddress& address, Deadline deadline) {
    close();
    peer_ = spell(address);
    const Addresses addresses = look_up(address);
    int error = EHOSTUNREACH;
    for (const addrinfo* next = addresses.get(); next != nullptr; next = next->ai_next) {
        error = connect_to(*next, deadline, socket_);
        if (error == 0) {
            const int on = 1;
            ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return {};
        }
    }
    close();
    return not_done(fmt::format("connecting to {}: {}", peer_, std::strerror(error)));
}

void RedisLink::close() {
    socket_.reset();
    unread_.clear();
}

bool RedisLink::usable() const {
    if (!socket_ || !unread_.empty()) return false;
    char byte = 0;
    const ssize_t seen = ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    // Something to read before anything was asked is not ours to understand.
    return seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

CallResult<RedisReply> RedisLink::exchange(const std::string& command, Deadline deadline) {
    if (!socket_) return not_done("not connected");
    if (auto sent = send_whole(command, deadline); !sent) {
        close();
        return tl::unexpected(std::move(sent).error());
    }
    auto reply = receive(deadline);
    if (!reply) close();
    return reply;
}

CallResult<> RedisLink::send_whole(const std::string& command, Deadline deadline) {
    std::string_view rest = command;
    while (!rest.empty()) {
        const ssize_t count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count > 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_ready(socket_.get(), POLLOUT, deadline))
                return not_done(fmt::format("sending to {}: it takes nothing in time", peer_));
        } else if (errno != EINTR) {
            // A command that is not whole is not carried out.
            return not_done(fmt::format("sending to {}: {}", peer_, std::strerror(errno)));
        }
    }
    return {};
}

CallResult<RedisReply> RedisLink::receive(Deadline deadline) {
    std::array<char, chunk_bytes> chunk{};
    for (;;) {
        if (!wait_ready(socket_.get(), POLLIN, deadline))
            return perhaps_done(fmt::format("{} did not answer in time", peer_));
        const ssize_t count = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
        if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
        if (count < 0)
            return perhaps_done(
                fmt::format("{} broke the connection: {}", peer_, std::strerror(errno)));
        if (count == 0) return perhaps_done(fmt::format("{} closed the connection", peer_));
        unread_.append(chunk.data(), static_cast<std::size_t>(count));
        const auto parsed = faultline::parse_resp(unread_);
        switch (parsed.state) {
            case faultline::RespParse::State::incomplete:
                continue;
            case faultline::RespParse::State::broken:
                return perhaps_done(fmt::format("{} does not speak RESP", peer_));
            case faultline::RespParse::State::complete:
                break;
        }
        RedisReply reply = reply_of(parsed.value);
        unread_.erase(0, parsed.bytes);
        return reply;
    }
}

}  // namespace kvnode::client
