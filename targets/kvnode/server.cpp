// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/server.hpp"

#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "harness/base/resp_reply.hpp"
#include "targets/core/runtime/listener.hpp"
#include "targets/kvnode/service.hpp"
#include "targets/kvnode/session.hpp"

namespace kvnode {

namespace asio = boost::asio;
namespace reply = faultline::resp_reply;
using asio::ip::tcp;
using boost::system::error_code;

struct Server::State {
    explicit State(Service& service_in) : service(service_in) {}

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

    Service& service;
    std::set<std::shared_ptr<Session>> sessions;
    std::function<void()> drained;
    std::uint64_t next_id = 0;
    std::unique_ptr<ftcore::Listener> listener;
};

faultline::Result<std::unique_ptr<Server>> Server::listen(asio::io_context& loop,
                                                          const std::string& host,
                                                          std::uint16_t port,
                                                          Service& service) {
    auto state = std::make_unique<State>(service);
    FL_TRY(state->listener,
           ftcore::listen(
               loop,
               {.host = host, .port = port, .purpose = "clients"},
               // The listener goes before the state does.
               [here = state.get()](tcp::socket socket) { here->welcome(std::move(socket)); }));
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
    close();
}

void Server::stop_listening() {
    state_->listener.reset();
}

void Server::drain(std::function<void()> done) {
    if (state_->sessions.empty()) return done();
    state_->drained = std::move(done);
    const auto sessions = state_->sessions;  // sessions that end take themselves out
    for (const auto& session : sessions)
        session->drain();
}

void Server::close() {
    state_->listener.reset();
    state_->drained = nullptr;
    const auto sessions = state_->sessions;
    for (const auto& session : sessions)
        session->close();
}

}  // namespace kvnode
