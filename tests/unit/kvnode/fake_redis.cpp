// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/kvnode/fake_redis.hpp"

#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/base/resp.hpp"

namespace kvnode::client {
namespace {

/// A bound socket and its port.
std::pair<faultline::UniqueFd, std::uint16_t> bound_socket() {
    faultline::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    return {std::move(socket), ntohs(address.sin_port)};
}

}  // namespace

FakeRedis::FakeRedis(Answer answer) : answer_(std::move(answer)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    auto [socket, port] = bound_socket();
    listener_ = std::move(socket);
    address_ = {"127.0.0.1", port};
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    thread_ = std::thread([this] { serve(); });
}

FakeRedis::~FakeRedis() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
}

void FakeRedis::serve() {
    std::array<pollfd, 2> waiting{pollfd{stop_.get(), POLLIN, 0},
                                  pollfd{listener_.get(), POLLIN, 0}};
    for (;;) {
        ::poll(waiting.data(), waiting.size(), -1);
        if (waiting[0].revents != 0) return;
        const faultline::UniqueFd connection(::accept(listener_.get(), nullptr, nullptr));
        if (connection) serve_connection(connection.get());
    }
}

void FakeRedis::serve_connection(int connection) {
    std::string unread;
    std::array<pollfd, 2> waiting{pollfd{stop_.get(), POLLIN, 0}, pollfd{connection, POLLIN, 0}};
    for (;;) {
        ::poll(waiting.data(), waiting.size(), -1);
        if (waiting[0].revents != 0) return;
        std::array<char, 4096> chunk{};
        const ssize_t count = ::recv(connection, chunk.data(), chunk.size(), 0);
        if (count <= 0) return;
        unread.append(chunk.data(), static_cast<std::size_t>(count));
        const auto parsed = faultline::parse_resp(unread);
        if (parsed.state != faultline::RespParse::State::complete) continue;
        Words words;
        for (const auto& element : parsed.value.elements)
            words.emplace_back(element.text);
        unread.erase(0, parsed.bytes);
        ++asked_;
        const std::string reply = answer_(words);
        if (reply == hang_up) return;
        EXPECT_EQ(::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(reply.size()));
    }
}

RedisAddress nobodys_address() {
    return {"127.0.0.1", bound_socket().second};
}

}  // namespace kvnode::client
