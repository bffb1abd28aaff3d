// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/http_server.hpp"

#include <csignal>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "reports/serve/http_session.hpp"

namespace faultline::reports {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t sessions_max = 256;
constexpr std::chrono::milliseconds accept_again_after{100};
// Proxies on the way to the browser drop what is silent.
constexpr std::chrono::seconds event_silence_max{15};

Result<tcp::endpoint> loopback_endpoint(const std::string& host, std::uint16_t port) {
    if (host == "localhost") return tcp::endpoint(asio::ip::address_v4::loopback(), port);
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || !address.is_loopback()) {
        return fail(
            fmt::format("{} is not a loopback address; nobody else may read here. To look from "
                        "another machine, forward the port: ssh -L {}:127.0.0.1:{} HOST",
                        host,
                        port,
                        port),
            ErrorCode::invalid);
    }
    return tcp::endpoint(address, port);
}

std::string text_of(const tcp::endpoint& endpoint) {
    const std::string host = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                      : fmt::format("{}:{}", host, endpoint.port());
}

}  // namespace

struct HttpServer::State {
    explicit State(HttpHandler handler) : service{.handler = std::move(handler)} {}

    HttpService service;  // what sessions use, which end with the loop at the latest
    asio::io_context loop{1};
    tcp::acceptor acceptor{loop};
    asio::steady_timer accept_timer{loop};
    asio::steady_timer pulse_timer{loop};
    asio::signal_set signals{loop};
    std::vector<std::unique_ptr<asio::posix::stream_descriptor>> watched{};

    ~State() {
        for (const auto& descriptor : watched)
            static_cast<void>(descriptor->release());  // they belong to whoever asked
    }

    Result<> open(const tcp::endpoint& endpoint) {
        error_code error;
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
        if (!error) return {};
        return fail_errno(
            fmt::format("listening on {}; is another server there? choose another port",
                        text_of(endpoint)),
            error.value());
    }

    void accept() {
        acceptor.async_accept([this](error_code error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (error) return accept_later();
            if (service.sessions < sessions_max) {
                const bool ipv6 = acceptor.local_endpoint(error).protocol() == tcp::v6();
                const int fd = socket.release(error);
                if (!error) start_http_session(loop, {.fd = UniqueFd(fd), .ipv6 = ipv6}, service);
            }
            accept();
        });
    }

    /// A connection that went before it was accepted, or no descriptors: the next may do better.
    void accept_later() {
        accept_timer.expires_after(accept_again_after);
        accept_timer.async_wait([this](error_code cancelled) {
            if (!cancelled) accept();
        });
    }

    void pulse() {
        pulse_timer.expires_after(event_silence_max);
        pulse_timer.async_wait([this](error_code cancelled) {
            if (cancelled) return;
            send(":\n\n");
            pulse();
        });
    }

    void send(const std::string& text) {
        // One that is too slow goes, and leaves the set.
        const std::set<EventFollower*> followers = service.followers;
        for (EventFollower* follower : followers)
            follower->send(text);
    }

    void watch_again(asio::posix::stream_descriptor& descriptor, std::function<void()> ready) {
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [this, &descriptor, ready = std::move(ready)](error_code error) {
                                  if (error) return;
                                  ready();
                                  watch_again(descriptor, ready);
                              });
    }
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const Options& options,
                                                       HttpHandler handler) {
    FL_TRY(const tcp::endpoint endpoint, loopback_endpoint(options.host, options.port));
    auto state = std::make_unique<State>(std::move(handler));
    FL_TRY_VOID(state->open(endpoint));
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;

std::string HttpServer::address() const {
    error_code error;
    return text_of(state_->acceptor.local_endpoint(error));
}

void HttpServer::run() {
    state_->accept();
    state_->pulse();
    state_->loop.run();
}

void HttpServer::stop() {
    state_->loop.stop();
}

void HttpServer::stop_on_signals() {
    error_code error;
    state_->signals.add(SIGINT, error);
    state_->signals.add(SIGTERM, error);
    state_->signals.async_wait([this](error_code cancelled, int) {
        if (!cancelled) stop();
    });
}

void HttpServer::publish(const std::string& event, const std::string& data) {
    state_->send(fmt::format("event: {}\ndata: {}\n\n", event, data));
}

void HttpServer::watch(int fd, std::function<void()> ready) {
    auto& descriptor = *state_->watched.emplace_back(
        std::make_unique<asio::posix::stream_descriptor>(state_->loop, fd));
    state_->watch_again(descriptor, std::move(ready));
}

}  // namespace faultline::reports
