// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/peer_server.hpp"

#include <set>
#include <vector>

#include "faultline/failpoint.hpp"
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace ftcore {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct PeerServer::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop, Hello own, Callbacks callbacks_in)
        : acceptor(loop), pause(loop), hello(std::move(own)), callbacks(std::move(callbacks_in)) {}

    void accept();

    tcp::acceptor acceptor;
    asio::steady_timer pause;
    const Hello hello;
    const Callbacks callbacks;
    std::set<std::shared_ptr<Session>> sessions;
    bool stopped = false;
};

struct PeerServer::Session : std::enable_shared_from_this<Session> {
    Session(tcp::socket socket_in, std::shared_ptr<State> server_in)
        : socket(std::move(socket_in)),
          timer(socket.get_executor()),
          server(std::move(server_in)),
          buffer(std::size_t{64} << 10) {}

    void start() {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        timer.expires_after(hello_within);
        timer.async_wait([self = shared_from_this()](error_code error) {
            if (!error && self->peer == nobody) self->close();
        });
        receive();
    }

    void receive() {
        socket.async_read_some(asio::buffer(buffer),
                               [self = shared_from_this()](error_code error, std::size_t bytes) {
                                   if (self->closed) return;
                                   if (error) return self->lose();
                                   FL_FAILPOINT_DO("peer.receive", return self->lose());
                                   self->received.append(self->buffer.data(), bytes);
                                   self->read_frames();
                               });
    }

    void read_frames() {
        std::size_t used = 0;
        while (!closed) {
            FrameParse parse = parse_frame(std::string_view(received).substr(used));
            if (parse.state == FrameParse::State::incomplete) break;
            if (parse.state == FrameParse::State::broken) return refuse(parse.reason);
            used += parse.bytes;
            if (parse.frame.hello && !greet(*parse.frame.hello)) return;
            if (peer == nobody) return refuse("the first frame is no Hello");
            server->callbacks.frame(peer, std::move(parse.frame));
        }
        if (closed) return;
        received.erase(0, used);
        receive();
    }

    [[nodiscard]] bool greet(const Hello& theirs) {
        if (peer != nobody) return true;
        if (auto admitted = server->callbacks.admit(theirs); !admitted) {
            refuse(admitted.error().message);
            return false;
        }
        peer = theirs.node;
        timer.cancel();
        append_frame(reply, Frame{.hello = server->hello});
        asio::async_write(
            socket, asio::buffer(reply), [self = shared_from_this()](error_code, std::size_t) {});
        server->callbacks.joined(peer, theirs.incarnation);
        return !closed;
    }

    void refuse(const std::string& reason) {
        if (closed) return;
        server->callbacks.broken(peer, reason);
        lose();
    }

    void lose() {
        const NodeId who = peer;
        close();
        if (who != nobody) server->callbacks.lost(who);
    }

    void close() {
        if (closed) return;
        closed = true;
        timer.cancel();
        error_code ignored;
        socket.close(ignored);
        server->sessions.erase(shared_from_this());
    }

    tcp::socket socket;
    asio::steady_timer timer;
    std::shared_ptr<State> server;
    std::vector<char> buffer;
    std::string received;
    std::string reply;
    NodeId peer = nobody;
    bool closed = false;
};

void PeerServer::State::accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (self->stopped) return;
        if (error) {
            // Out of descriptors, most likely: not at once again.
            self->pause.expires_after(std::chrono::milliseconds(50));
            self->pause.async_wait([self](error_code) {
                if (!self->stopped) self->accept();
            });
            return;
        }
        if (self->sessions.size() < connections_max) {
            auto session = std::make_shared<Session>(std::move(socket), self);
            self->sessions.insert(session);
            session->start();
        }
        self->accept();
    });
}

Result<std::unique_ptr<PeerServer>> PeerServer::listen(asio::io_context& loop,
                                                       const PeerEndpoint& at,
                                                       Hello hello,
                                                       Callbacks callbacks) {
    auto state = std::make_shared<State>(loop, std::move(hello), std::move(callbacks));
    error_code error;
    const auto address = asio::ip::make_address(at.host, error);
    if (error) {
        return faultline::fail(fmt::format("\"{}\" is not an IP address to listen on", at.host),
                               faultline::ErrorCode::invalid);
    }
    const tcp::endpoint endpoint(address, at.port);
    state->acceptor.open(endpoint.protocol(), error);
    if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) state->acceptor.bind(endpoint, error);
    if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return faultline::fail(
            fmt::format("cannot listen for peers on {}:{}: {}", at.host, at.port, error.message()));
    }
    state->accept();
    return std::unique_ptr<PeerServer>(new PeerServer(std::move(state)));
}

PeerServer::PeerServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

PeerServer::~PeerServer() {
    stop();
}

void PeerServer::stop() {
    if (state_->stopped) return;
    state_->stopped = true;
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->pause.cancel();
    while (!state_->sessions.empty())
        (*state_->sessions.begin())->close();
}

}  // namespace ftcore
