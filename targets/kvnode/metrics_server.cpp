// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "targets/core/runtime/listener.hpp"
#include "targets/kvnode/metrics.hpp"

namespace kvnode {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds request_within{5};
constexpr int scrapes_max = 16;  // at a time

/// One connection, one request.
struct Scrape : std::enable_shared_from_this<Scrape> {
    Scrape(tcp::socket socket, Service& service_in, std::shared_ptr<int> active_in)
        : stream(std::move(socket)), service(service_in), active(std::move(active_in)) {
        ++*active;
    }
    ~Scrape() { --*active; }
    Scrape(const Scrape&) = delete;
    Scrape& operator=(const Scrape&) = delete;

    void start() {
        stream.expires_after(request_within);
        http::async_read(
            stream, buffer, request, [self = shared_from_this()](error_code error, std::size_t) {
                if (!error) self->answer();
            });
    }

    void answer() {
        response.version(request.version());
        response.keep_alive(false);
        if (request.method() != http::verb::get) {
            response.result(http::status::method_not_allowed);
        } else if (request.target() == "/metrics") {
            response.set(http::field::content_type,
                         "application/openmetrics-text; version=1.0.0; charset=utf-8");
            response.body() = metrics_text(service);
        } else {
            response.result(http::status::not_found);
            response.body() = "there is only /metrics\n";
        }
        response.prepare_payload();
        http::async_write(stream, response, [self = shared_from_this()](error_code, std::size_t) {
            error_code ignored;
            self->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
        });
    }

    beast::tcp_stream stream;
    Service& service;
    std::shared_ptr<int> active;  // outlives the server when a scrape does
    beast::flat_buffer buffer{std::size_t{16} << 10};
    http::request<http::empty_body> request;
    http::response<http::string_body> response;
};

}  // namespace

struct MetricsServer::State {
    std::shared_ptr<int> active = std::make_shared<int>(0);
    std::unique_ptr<ftcore::Listener> listener{};
};

faultline::Result<std::unique_ptr<MetricsServer>> MetricsServer::listen(asio::io_context& loop,
                                                                        const std::string& host,
                                                                        std::uint16_t port,
                                                                        Service& service) {
    auto state = std::make_unique<State>();
    FL_TRY(state->listener,
           ftcore::listen(loop,
                          {.host = host, .port = port, .purpose = "scrapes of the metrics"},
                          [&service, active = state->active](tcp::socket socket) {
                              if (*active >= scrapes_max) return;
                              std::make_shared<Scrape>(std::move(socket), service, active)->start();
                          }));
    return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(state)));
}

MetricsServer::MetricsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

MetricsServer::~MetricsServer() = default;

}  // namespace kvnode
