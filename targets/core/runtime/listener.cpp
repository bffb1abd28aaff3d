// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/listener.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

namespace ftcore {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Listener::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop, std::function<void(tcp::socket)> taken_in)
        : acceptor(loop), timer(loop), taken(std::move(taken_in)) {}

    void accept() {
        acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (self->stopped) return;
            if (error) return self->accept_later();
            self->taken(std::move(socket));
            if (!self->stopped) self->accept();
        });
    }

    void accept_later() {
        timer.expires_after(pause);
        timer.async_wait([self = shared_from_this()](error_code) {
            if (!self->stopped) self->accept();
        });
    }

    void stop() {
        stopped = true;
        error_code ignored;
        acceptor.close(ignored);
        timer.cancel();
    }

    tcp::acceptor acceptor;
    asio::steady_timer timer;
    const std::function<void(tcp::socket)> taken;
    bool stopped = false;
};

faultline::Result<std::unique_ptr<Listener>> listen(asio::io_context& loop,
                                                    const Listener::Address& at,
                                                    std::function<void(tcp::socket)> taken) {
    error_code error;
    const auto address = asio::ip::make_address(at.host, error);
    if (error) {
        return faultline::fail(fmt::format("\"{}\" is not an IP address to listen on", at.host),
                               faultline::ErrorCode::invalid);
    }
    const tcp::endpoint endpoint(address, at.port);
    auto state = std::make_shared<Listener::State>(loop, std::move(taken));
    state->acceptor.open(endpoint.protocol(), error);
    if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) state->acceptor.bind(endpoint, error);
    if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return faultline::fail(fmt::format(
            "cannot listen for {} on {}:{}: {}", at.purpose, at.host, at.port, error.message()));
    }
    state->accept();
    return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}

Listener::~Listener() {
    state_->stop();
}

}  // namespace ftcore
