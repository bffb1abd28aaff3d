// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/observe/scripted_server.hpp"

#include <array>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "harness/base/check.hpp"

namespace faultline {
namespace asio = boost::asio;
using asio::ip::tcp;

struct ScriptedServer::State : std::enable_shared_from_this<State> {
    struct Connection {
        explicit Connection(tcp::socket the_socket) : socket(std::move(the_socket)) {}
        tcp::socket socket;
        std::array<char, 4096> buffer{};
    };

    State(Loop& loop, Reply the_reply)
        : acceptor(loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          reply(std::move(the_reply)) {}

    void accept() {
        acceptor.async_accept(
            [self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
                if (error) return;
                self->open.push_back(std::make_shared<Connection>(std::move(socket)));
                ++self->connections;
                self->read(self->open.back());
                self->accept();
            });
    }

    void read(const std::shared_ptr<Connection>& connection) {
        connection->socket.async_read_some(
            asio::buffer(connection->buffer),
            [self = shared_from_this(), connection](boost::system::error_code error,
                                                    std::size_t size) {
                if (error) return;
                ++self->requests;
                const auto text = self->reply(std::string(connection->buffer.data(), size));
                if (!text) return connection->socket.close();
                asio::write(connection->socket, asio::buffer(*text), error);
                self->read(connection);
            });
    }

    tcp::acceptor acceptor;
    Reply reply;
    std::vector<std::shared_ptr<Connection>> open;
    int connections = 0;
    int requests = 0;
};

ScriptedServer::ScriptedServer(Loop& loop, Reply reply)
    : state_(std::make_shared<State>(loop, std::move(reply))) {
    state_->accept();
}

ScriptedServer::~ScriptedServer() {
    state_->acceptor.close();
    close_connections();
}

std::uint16_t ScriptedServer::port() const {
    return state_->acceptor.local_endpoint().port();
}
int ScriptedServer::connections() const {
    return state_->connections;
}
int ScriptedServer::requests() const {
    return state_->requests;
}
void ScriptedServer::set_reply(Reply reply) {
    state_->reply = std::move(reply);
}

void ScriptedServer::close_connections() {
    for (const auto& connection : state_->open)
        connection->socket.close();
    state_->open.clear();
}

std::uint16_t refusing_port(Loop& loop) {
    const tcp::acceptor bound(loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return bound.local_endpoint().port();
}

ProbeAnswer ask(Loop& loop, Probe& probe) {
    std::optional<ProbeAnswer> answer;
    probe.ask([&answer](ProbeAnswer given) { answer = std::move(given); });
    FL_CHECK(loop.wait_until(now() + std::chrono::seconds(60),
                             [&answer] { return answer.has_value(); }));
    return *answer;
}

}  // namespace faultline
