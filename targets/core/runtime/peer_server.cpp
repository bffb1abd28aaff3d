// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/peer_server.hpp"

#include <map>
#include <set>
#include <vector>

#include "faultline/failpoint.hpp"
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "targets/core/runtime/listener.hpp"

namespace ftcore {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct PeerServer::State : std::enable_shared_from_this<State> {
    State(Hello own, Callbacks callbacks_in)
        : hello(std::move(own)), callbacks(std::move(callbacks_in)) {}

    void welcome(tcp::socket socket);
    /// Whether a Hello of an older connection, or of a process that is no more, has come late.
    [[nodiscard]] bool is_late(const Hello& theirs) const;
    void take_over(const Hello& theirs, const std::shared_ptr<Session>& session);

    /// What is known of a peer's connections.
    struct Known {
        std::weak_ptr<Session> session{};
        std::uint64_t incarnation = 0;
        std::uint64_t connection = 0;
        std::uint64_t previous_incarnation = 0;
    };

    const Hello hello;
    const Callbacks callbacks;
    std::set<std::shared_ptr<Session>> sessions;
    std::map<NodeId, Known> peers;
    std::unique_ptr<Listener> listener;  // none: stopped
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
            spoke = spoke || parse.frame.beat || !parse.frame.messages.empty();
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
        if (server->is_late(theirs)) {
            close();
            return false;
        }
        server->take_over(theirs, shared_from_this());
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
        if (who != nobody && spoke) server->callbacks.lost(who);
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
    bool spoke = false;  // more than Hello
    bool closed = false;
};

bool PeerServer::State::is_late(const Hello& theirs) const {
    const auto known = peers.find(theirs.node);
    if (known == peers.end()) return false;
    if (theirs.incarnation != known->second.incarnation)
        return theirs.incarnation == known->second.previous_incarnation;
    return theirs.connection != 0 && theirs.connection <= known->second.connection;
}

void PeerServer::State::take_over(const Hello& theirs, const std::shared_ptr<Session>& session) {
    Known& known = peers[theirs.node];
    if (const auto older = known.session.lock()) older->close();
    if (known.incarnation != theirs.incarnation) known.previous_incarnation = known.incarnation;
    known.session = session;
    known.incarnation = theirs.incarnation;
    known.connection = theirs.connection;
}

void PeerServer::State::welcome(tcp::socket socket) {
    if (sessions.size() >= connections_max) return;
    auto session = std::make_shared<Session>(std::move(socket), shared_from_this());
    sessions.insert(session);
    session->start();
}

Result<std::unique_ptr<PeerServer>> PeerServer::listen(asio::io_context& loop,
                                                       const PeerEndpoint& at,
                                                       Hello hello,
                                                       Callbacks callbacks) {
    auto state = std::make_shared<State>(std::move(hello), std::move(callbacks));
    FL_TRY(state->listener,
           ftcore::listen(
               loop,
               {.host = at.host, .port = at.port, .purpose = "peers"},
               // The listener goes before the state does.
               [here = state.get()](tcp::socket socket) { here->welcome(std::move(socket)); }));
    return std::unique_ptr<PeerServer>(new PeerServer(std::move(state)));
}

PeerServer::PeerServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

PeerServer::~PeerServer() {
    stop();
}

bool PeerServer::hears(NodeId peer) const {
    const auto known = state_->peers.find(peer);
    if (known == state_->peers.end()) return false;
    const auto session = known->second.session.lock();
    return session && !session->closed;
}

void PeerServer::stop() {
    state_->listener.reset();
    while (!state_->sessions.empty())
        (*state_->sessions.begin())->close();
}

}  // namespace ftcore
