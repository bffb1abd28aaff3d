// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/runtime/relay.hpp"

#include <array>
#include <optional>
#include <set>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

namespace ftcore::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Relay::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop_in, std::uint16_t target_in)
        : loop(loop_in), acceptor(loop_in), target(asio::ip::address_v4::loopback(), target_in) {}

    void listen();
    void accept();
    void end_all(bool with_reset);

    asio::io_context& loop;
    tcp::acceptor acceptor;
    const tcp::endpoint target;
    tcp::endpoint at{asio::ip::address_v4::loopback(), 0};
    std::set<std::shared_ptr<Connection>> connections;
    std::array<bool, 2> stalled{};  // forth, back
    bool stopped = false;
};

/// One direction: a piece is read, waits while the direction is stalled, and is written.
struct Relay::Pipe {
    tcp::socket& from;
    tcp::socket& to;
    std::size_t way;
    std::array<char, 65536> buffer{};
    std::size_t held = 0;  // in the buffer, not written yet
    bool ended = false;    // nothing more will come
    bool busy = false;
};

struct Relay::Connection : std::enable_shared_from_this<Connection> {
    Connection(std::shared_ptr<State> state_in, tcp::socket client_in)
        : state(std::move(state_in)),
          client(std::move(client_in)),
          server(client.get_executor()),
          forth{.from = client, .to = server, .way = 0},
          back{.from = server, .to = client, .way = 1} {}

    void start() {
        server.async_connect(state->target, [self = shared_from_this()](error_code error) {
            if (error) return self->end(false);
            error_code ignored;
            self->server.set_option(tcp::no_delay(true), ignored);
            self->client.set_option(tcp::no_delay(true), ignored);
            self->go_on();
        });
    }

    void go_on() {
        turn(forth);
        turn(back);
    }

    void turn(Pipe& pipe) {
        if (over || pipe.busy || state->stalled[pipe.way] || !server.is_open()) return;
        if (pipe.held == 0 && pipe.ended) {
            error_code ignored;
            pipe.to.shutdown(tcp::socket::shutdown_send, ignored);
            if (forth.ended && back.ended) end(false);
            return;
        }
        pipe.busy = true;
        if (pipe.held == 0) {
            pipe.from.async_read_some(
                asio::buffer(pipe.buffer),
                [self = shared_from_this(), &pipe](error_code error, std::size_t bytes) {
                    pipe.busy = false;
                    pipe.held = bytes;
                    pipe.ended = static_cast<bool>(error);
                    self->turn(pipe);
                });
            return;
        }
        asio::async_write(pipe.to,
                          asio::buffer(pipe.buffer.data(), pipe.held),
                          [self = shared_from_this(), &pipe](error_code error, std::size_t) {
                              pipe.busy = false;
                              pipe.held = 0;
                              if (error) return self->end(false);
                              self->turn(pipe);
                          });
    }

    void end(bool with_reset) {
        if (over) return;
        over = true;
        error_code ignored;
        for (tcp::socket* socket : {&client, &server}) {
            if (with_reset) socket->set_option(asio::socket_base::linger(true, 0), ignored);
            socket->close(ignored);
        }
        state->connections.erase(shared_from_this());
    }

    std::shared_ptr<State> state;
    tcp::socket client;
    tcp::socket server;
    Pipe forth;
    Pipe back;
    bool over = false;
};

void Relay::State::listen() {
    acceptor.open(tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(at);
    acceptor.listen();
    at = acceptor.local_endpoint();
    accept();
}

void Relay::State::accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (error || self->stopped) return;
        auto connection = std::make_shared<Connection>(self, std::move(socket));
        self->connections.insert(connection);
        connection->start();
        self->accept();
    });
}

void Relay::State::end_all(bool with_reset) {
    while (!connections.empty())
        (*connections.begin())->end(with_reset);
}

Relay::Relay(asio::io_context& loop, std::uint16_t target)
    : state_(std::make_shared<State>(loop, target)) {
    state_->listen();
}

Relay::~Relay() {
    state_->stopped = true;
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->end_all(false);
}

std::uint16_t Relay::port() const {
    return state_->at.port();
}

void Relay::stall_forth(bool on) {
    state_->stalled[0] = on;
    for (const auto& connection : std::set(state_->connections))
        connection->go_on();
}

void Relay::stall_back(bool on) {
    state_->stalled[1] = on;
    for (const auto& connection : std::set(state_->connections))
        connection->go_on();
}

void Relay::refuse(bool on) {
    if (on == !state_->acceptor.is_open()) return;
    if (!on) return state_->listen();
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->end_all(false);
}

void Relay::reset() {
    state_->end_all(true);
}

std::size_t Relay::connections() const {
    return state_->connections.size();
}

}  // namespace ftcore::testing
