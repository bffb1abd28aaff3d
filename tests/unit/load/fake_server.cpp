// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/load/fake_server.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <map>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/check.hpp"
#include "harness/base/resp.hpp"

namespace faultline::test {
namespace {

UniqueFd listen_anywhere(std::uint16_t& port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    FL_CHECK(::bind(fd.get(), raw, length) == 0);
    FL_CHECK(::listen(fd.get(), 256) == 0);
    FL_CHECK(::getsockname(fd.get(), raw, &length) == 0);
    port = ntohs(address.sin_port);
    return fd;
}

}  // namespace

FakeServer::FakeServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = listen_anywhere(port_);
    stop_fd_.reset(::eventfd(0, EFD_CLOEXEC));
    thread_ = std::thread([this] { run(); });
}

FakeServer::~FakeServer() {
    stop();
}

void FakeServer::stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    FL_CHECK(::write(stop_fd_.get(), &one, sizeof one) == sizeof one);
    thread_.join();
    listener_.reset();
}

void FakeServer::run() {
    struct Client {
        UniqueFd fd;
        Talk talk;
        bool ended = false;
    };
    std::vector<Client> clients;
    for (;;) {
        std::vector<pollfd> waits{{stop_fd_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
        for (const Client& client : clients)
            waits.push_back({client.fd.get(), POLLIN, 0});
        const int timeout_ms = 5;  // a stall ends without an event
        FL_CHECK(::poll(waits.data(), waits.size(), timeout_ms) >= 0);
        if (waits[0].revents != 0) return;
        for (std::size_t i = 0; i < clients.size(); ++i) {
            Client& client = clients[i];
            if (waits[i + 2].revents != 0) {
                std::array<char, 65536> chunk{};
                const ssize_t count = ::recv(client.fd.get(), chunk.data(), chunk.size(), 0);
                if (count > 0) client.talk.in.append(chunk.data(), static_cast<std::size_t>(count));
                if (count <= 0) client.ended = true;
            }
            if (stalled_ || client.talk.in.empty() || client.ended) continue;
            answer_(client.talk);
            for (std::string& out = client.talk.out; !out.empty();) {
                const ssize_t count = ::send(client.fd.get(), out.data(), out.size(), MSG_NOSIGNAL);
                if (count <= 0) {
                    client.ended = true;
                    break;
                }
                out.erase(0, static_cast<std::size_t>(count));
            }
            client.ended = client.ended || client.talk.close;
        }
        std::erase_if(clients, [](const Client& client) { return client.ended; });
        if (waits[1].revents != 0) {
            Client client{UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)), {}};
            client.talk.connection = accepted_++;
            clients.push_back(std::move(client));
        }
    }
}

FakeServer::Answer resp_answers(
    std::function<std::string(const std::vector<std::string>& words)> reply) {
    return [reply = std::move(reply)](FakeServer::Talk& talk) {
        for (;;) {
            const RespParse parsed = parse_resp(talk.in);
            if (parsed.state != RespParse::State::complete) return;
            std::vector<std::string> words;
            for (const RespValue& word : parsed.value.elements)
                words.emplace_back(word.text);
            talk.out += reply(words);
            talk.in.erase(0, parsed.bytes);
        }
    };
}

std::uint16_t free_port() {
    std::uint16_t port = 0;
    const UniqueFd fd = listen_anywhere(port);
    return port;
}

bool eventually(const std::function<bool()>& condition) {
    const Instant deadline = now() + std::chrono::seconds(20);
    while (!condition()) {
        if (now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace faultline::test
