// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/proxy_session.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "harness/cli/name_lookup.hpp"
#include "harness/inject/link/toxiproxy/reply.hpp"

namespace faultline::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t body_bytes_max = std::size_t{1} << 20;
constexpr std::uint32_t header_bytes_max = 16U << 10;
constexpr std::chrono::seconds silence_max{120};  // between two requests
constexpr std::chrono::seconds body_within{30};
constexpr std::chrono::seconds write_within{30};
// After a refused request: how long, and how much of it, is read and thrown away, so that the
// client sees the answer rather than a reset.
constexpr std::chrono::seconds drain_within{2};
constexpr std::size_t drain_bytes_max = std::size_t{64} << 20;

class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(tcp::socket socket, ProxyService& service)
        : stream_(std::move(socket)), service_(service) {
        ++service_.sessions;
    }
    ~Session() {
        error_code ignored;
        stream_.socket().close(ignored);
        --service_.sessions;
        service_.on_end();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void read() {
        parser_.emplace();
        parser_->body_limit(body_bytes_max);
        parser_->header_limit(header_bytes_max);
        stream_.expires_after(silence_max);
        http::async_read_header(
            stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
                if (error) return self->refuse(error);
                self->read_body();
            });
    }

  private:
    void read_body() {
        stream_.expires_after(body_within);
        const bool asks = beast::iequals(parser_->get()[http::field::expect], "100-continue");
        if (!asks || parser_->is_done()) return read_rest();
        response_ = {};
        response_.version(11);
        response_.result(http::status::continue_);
        http::async_write(
            stream_, response_, [self = shared_from_this()](error_code error, std::size_t) {
                if (!error) self->read_rest();
            });
    }

    void read_rest() {
        http::async_read(
            stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
                if (error) return self->refuse(error);
                self->serve();
            });
    }

    /// What cannot be read is answered if it was a request at all, and ends the session.
    void refuse(error_code error) {
        if (error == http::error::body_limit) return write(too_large(), Then::end);
        const bool malformed =
            error.category() == http::make_error_code(http::error::bad_method).category() &&
            error != http::error::end_of_stream && error != http::error::partial_message;
        if (malformed) write(answer({400, "bad request: " + error.message()}), Then::end);
    }

    void serve() {
        const auto& message = parser_->get();
        request_ = {.method = std::string(message.method_string()),
                    .target = std::string(message.target()),
                    .user_agent = std::string(message[http::field::user_agent]),
                    .accept = std::string(message[http::field::accept]),
                    .body = std::move(parser_->get().body())};
        stream_.expires_never();  // the lookup has its own deadline
        auto hosts = link::hosts_of(request_);
        if (hosts.empty()) return carry_out({});
        service_.names.look_up(
            std::move(hosts),
            [self = shared_from_this()](const link::AddressBook& book) { self->carry_out(book); });
    }

    void carry_out(const link::AddressBook& book) {
        const bool again = parser_->get().keep_alive();
        write(link::respond(request_, service_.set, book, service_.api),
              again ? Then::read : Then::end);
    }

    enum class Then : std::uint8_t { read, end };

    void write(link::ApiResponse answer, Then then) {
        response_ = {};
        response_.version(11);
        response_.result(static_cast<unsigned>(answer.status));
        response_.set(http::field::server, "faultline/" FAULTLINE_VERSION);
        if (!answer.content_type.empty())
            response_.set(http::field::content_type, answer.content_type);
        if (!answer.allow.empty()) response_.set(http::field::allow, answer.allow);
        response_.body() = std::move(answer.body);
        response_.prepare_payload();
        // Source: RFC 9110 section 8.6.
        if (answer.status == 204) response_.erase(http::field::content_length);
        response_.keep_alive(then == Then::read);
        stream_.expires_after(write_within);
        http::async_write(
            stream_, response_, [self = shared_from_this(), then](error_code error, std::size_t) {
                if (error) return;
                if (then == Then::read) return self->read();
                self->end();
            });
    }

    void end() {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.expires_after(drain_within);
        drain(0);
    }
    void drain(std::size_t drained) {
        buffer_.clear();
        stream_.async_read_some(
            buffer_.prepare(std::size_t{16} << 10),
            [self = shared_from_this(), drained](error_code error, std::size_t bytes) {
                if (!error && drained < drain_bytes_max) self->drain(drained + bytes);
            });
    }

    static link::ApiResponse answer(const link::ApiError& error) {
        return {.status = error.status,
                .content_type = "application/json",
                .body = link::json_of(error)};
    }
    static link::ApiResponse too_large() {
        return answer(
            {413, fmt::format("bad request body: larger than {} MiB", body_bytes_max >> 20)});
    }

    beast::tcp_stream stream_;
    ProxyService& service_;
    beast::flat_buffer buffer_{body_bytes_max + header_bytes_max};
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
    link::ApiRequest request_{};
};

}  // namespace

void start_session(asio::io_context& loop, SessionSocket socket, ProxyService& service) {
    tcp::socket accepted(loop);
    error_code error;
    accepted.assign(socket.ipv6 ? tcp::v6() : tcp::v4(), socket.fd.get(), error);
    if (error) return;  // the descriptor is closed with `socket`
    static_cast<void>(socket.fd.release());
    accepted.set_option(tcp::no_delay(true), error);  // without it answers are only slower
    std::make_shared<Session>(std::move(accepted), service)->read();
}

}  // namespace faultline::cli
