// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/server.hpp"

#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "targets/kvnode/reply.hpp"
#include "targets/kvnode/service.hpp"
#include "targets/kvnode/session.hpp"

namespace kvnode {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct Server::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop, Service& service_in)
        : acceptor(loop), pause(loop), service(service_in) {}

    void accept() {
        acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (self->stopped) return;
            if (error) {
                // Out of descriptors, most likely: not at once again.
                self->pause.expires_after(std::chrono::milliseconds(20));
                self->pause.async_wait([self](error_code) {
                    if (!self->stopped) self->accept();
                });
                return;
            }
            self->welcome(std::move(socket));
            self->accept();
        });
    }

    void welcome(tcp::socket socket) {
        ++service.connections_total;
        if (sessions.size() >= service.settings.connections_max) {
            ++service.connections_refused;
            error_code ignored;
            socket.non_blocking(true, ignored);
            static const std::string text = reply::error("ERR max number of clients reached");
            socket.write_some(asio::buffer(text), ignored);
            return;
        }
        auto session = std::make_shared<Session>(
            std::move(socket), service, ++next_id, [this](const std::shared_ptr<Session>& ended) {
                sessions.erase(ended);
                service.connections_now = sessions.size();
                if (sessions.empty() && drained) std::exchange(drained, nullptr)();
            });
        sessions.insert(session);
        service.connections_now = sessions.size();
        session->start();
    }

    void stop_listening() {
        stopped = true;
        error_code ignored;
        acceptor.close(ignored);
        pause.cancel();
    }

    tcp::acceptor acceptor;
    asio::steady_timer pause;
    Service& service;
    std::set<std::shared_ptr<Session>> sessions;
    std::function<void()> drained;
    std::uint64_t next_id = 0;
    bool stopped = false;
};

faultline::Result<std::unique_ptr<Server>> Server::listen(asio::io_context& loop,
                                                          const std::string& host,
                                                          std::uint16_t port,
                                                          Service& service) {
    auto state = std::make_shared<State>(loop, service);
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error)
        return faultline::fail(fmt::format("\"{}\" is not an IP address to listen on", host));
    const tcp::endpoint endpoint(address, port);
    state->acceptor.open(endpoint.protocol(), error);
    if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) state->acceptor.bind(endpoint, error);
    if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return faultline::fail(
            fmt::format("cannot listen for clients on {}:{}: {}", host, port, error.message()));
    }
    state->accept();
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
    close();
}

void Server::stop_listening() {
    state_->stop_listening();
}

void Server::drain(std::function<void()> done) {
    if (state_->sessions.empty()) return done();
    state_->drained = std::move(done);
    const auto sessions = state_->sessions;  // sessions that end take themselves out
    for (const auto& session : sessions)
        session->drain();
}

void Server::close() {
    state_->stop_listening();
    state_->drained = nullptr;
    const auto sessions = state_->sessions;
    for (const auto& session : sessions)
        session->close();
}

}  // namespace kvnode
