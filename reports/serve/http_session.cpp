// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/http_session.hpp"

#include <array>
#include <deque>
#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "reports/serve/http_target.hpp"

namespace faultline::reports {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t header_bytes_max = 16U << 10;
constexpr std::chrono::seconds request_within{75};  // also the silence between two requests
constexpr std::chrono::seconds write_within{30};
constexpr std::chrono::seconds event_write_within{30};
constexpr std::size_t events_waiting_max = std::size_t{1} << 20;  // bytes a slow follower may owe
// After a refused request: how much of it is read and thrown away, so that the client sees the
// answer rather than a reset.
constexpr std::chrono::seconds drain_within{2};
constexpr std::size_t drain_bytes_max = std::size_t{1} << 20;

enum class Then : std::uint8_t { read, end };

class Session : public std::enable_shared_from_this<Session>, public EventFollower {
  public:
    Session(tcp::socket socket, HttpService& service)
        : stream_(std::move(socket)), service_(service) {
        ++service_.sessions;
    }
    ~Session() override {
        service_.followers.erase(this);
        --service_.sessions;
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void read() {
        parser_.emplace();
        parser_->header_limit(header_bytes_max);
        parser_->body_limit(boost::none);  // no body is read, whatever its length
        stream_.expires_after(request_within);
        http::async_read_header(
            stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
                if (error) return self->refuse(error);
                self->serve();
            });
    }

    /// An event, already in the form of the stream.
    void send(const std::string& text) override {
        if (waiting_bytes_ + text.size() > events_waiting_max) return stream_.close();
        waiting_bytes_ += text.size();
        waiting_.push_back(text);
        if (waiting_.size() == 1) write_event();
    }

  private:
    void refuse(error_code error) {
        const bool malformed =
            error.category() == http::make_error_code(http::error::bad_method).category() &&
            error != http::error::end_of_stream && error != http::error::partial_message;
        if (error == http::error::header_limit) {
            write(http_error(431, "the header is larger than 16 KiB"), Then::end);
        } else if (malformed) {
            write(http_error(400, "bad request: " + error.message()), Then::end);
        }
    }

    void serve() {
        const auto& message = parser_->get();
        head_ = message.method() == http::verb::head;
        if (message.method() != http::verb::get && !head_) {
            HttpResponse refused =
                http_error(405, "only GET and HEAD: nothing can be changed here");
            refused.headers.emplace_back("Allow", "GET, HEAD");
            return write(std::move(refused), Then::end);
        }
        if (!parser_->is_done())
            return write(http_error(413, "requests have no body here"), Then::end);
        const auto [first, last] = message.equal_range(http::field::host);
        const auto hosts = std::distance(first, last);
        if (hosts > 1 || (hosts == 0 && message.version() >= 11))
            return write(http_error(400, "a request has one Host header"), Then::end);
        if (hosts == 1 && !names_loopback(std::string_view(first->value())))
            return write(http_error(403,
                                    "this server answers to its loopback address only; open it as "
                                    "http://127.0.0.1 with its port"),
                         Then::end);
        const auto request = parse_target(std::string_view(message.target()));
        if (!request) return write(http_error(400, "bad request: its target"), Then::end);
        ask(*request, message.keep_alive() ? Then::read : Then::end);
    }

    void ask(const HttpRequest& request, Then then) {
        // A handler that never answers drops the last owner of the session, which closes it.
        stream_.expires_never();
        // One that answers from another thread keeps no share: the session ends on its own.
        service_.handler(request, [self = shared_from_this(), then](HttpResponse answer) mutable {
            auto executor = self->stream_.get_executor();
            asio::post(executor,
                       [self = std::move(self), then, given = std::move(answer)]() mutable {
                           self->write(std::move(given), then);
                       });
        });
    }

    void write(HttpResponse answer, Then then) {
        if (answer.events && service_.followers.size() >= http_followers_max && !head_)
            answer = http_error(503, "too many clients follow the events");
        response_ = {};
        response_.version(11);
        response_.result(static_cast<unsigned>(answer.status));
        response_.set(http::field::server, "faultline/" FAULTLINE_VERSION);
        response_.set(http::field::content_type, answer.content_type);
        response_.set("X-Content-Type-Options", "nosniff");
        response_.set("Cross-Origin-Resource-Policy", "same-origin");
        response_.set("Referrer-Policy", "no-referrer");
        response_.set("X-Frame-Options", "DENY");
        for (const auto& [name, value] : answer.headers)
            response_.set(name, value);
        if (answer.events) return head_ ? write_header(Then::end) : follow();
        response_.body() = std::move(answer.body);
        response_.prepare_payload();
        response_.keep_alive(then == Then::read);
        write_header(then);
    }

    /// The header, and the body unless only the header was asked for.
    void write_header(Then then) {
        stream_.expires_after(write_within);
        const auto done = [self = shared_from_this(), then](error_code error, std::size_t) {
            if (error) return;
            if (then == Then::read) return self->read();
            self->end();
        };
        if (!head_) return http::async_write(stream_, response_, done);
        serializer_.emplace(response_);
        http::async_write_header(stream_, *serializer_, done);
    }

    /// Without a length: the events go on until the connection ends.
    void follow() {
        response_.keep_alive(false);
        stream_.expires_after(write_within);
        serializer_.emplace(response_);
        http::async_write_header(
            stream_, *serializer_, [self = shared_from_this()](error_code error, std::size_t) {
                if (error) return;
                self->service_.followers.insert(self.get());
                self->send("retry: 2000\n\n");
                self->watch_for_end();
            });
    }

    void write_event() {
        stream_.expires_after(event_write_within);
        asio::async_write(stream_,
                          asio::buffer(waiting_.front()),
                          [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->stream_.close();
                              self->waiting_bytes_ -= self->waiting_.front().size();
                              self->waiting_.pop_front();
                              if (!self->waiting_.empty()) return self->write_event();
                              self->stream_.expires_never();
                          });
    }

    /// A follower sends nothing more; its end is what is waited for. On the socket itself, or the
    /// deadline of a write would end the reading.
    void watch_for_end() {
        stream_.socket().async_read_some(
            asio::buffer(ignored_), [self = shared_from_this()](error_code error, std::size_t) {
                if (!error) return self->watch_for_end();
                self->service_.followers.erase(self.get());
                self->stream_.close();
            });
    }

    void end() {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.expires_after(drain_within);
        drain(0);
    }
    void drain(std::size_t drained) {
        stream_.async_read_some(
            asio::buffer(ignored_),
            [self = shared_from_this(), drained](error_code error, std::size_t bytes) {
                if (!error && drained < drain_bytes_max) self->drain(drained + bytes);
            });
    }

    beast::tcp_stream stream_;
    HttpService& service_;
    beast::flat_buffer buffer_{std::size_t{header_bytes_max} * 2};
    std::optional<http::request_parser<http::empty_body>> parser_;
    http::response<http::string_body> response_;
    std::optional<http::response_serializer<http::string_body>> serializer_;
    bool head_ = false;
    std::deque<std::string> waiting_;  // events; the first is being written
    std::size_t waiting_bytes_ = 0;
    std::array<char, 4096> ignored_{};
};

}  // namespace

HttpResponse http_error(int status, const std::string& message) {
    return {.status = status, .body = message + "\n"};
}

void start_http_session(asio::io_context& loop, HttpSocket socket, HttpService& service) {
    tcp::socket accepted(loop);
    error_code error;
    accepted.assign(socket.ipv6 ? tcp::v6() : tcp::v4(), socket.fd.get(), error);
    if (error) return;  // the descriptor is closed with `socket`
    static_cast<void>(socket.fd.release());
    accepted.set_option(tcp::no_delay(true), error);  // without it answers are only slower
    std::make_shared<Session>(std::move(accepted), service)->read();
}

}  // namespace faultline::reports
