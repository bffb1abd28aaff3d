// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/http_post.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/cli/name_lookup.hpp"
#include "harness/cli/tls_client.hpp"

namespace faultline::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t answer_bytes_max = 1 << 20;

/// Look up, connect, shake hands, write, read: each step starts the next, and the first error ends
/// them.
class Posting {
  public:
    Posting(const JsonPost& post, asio::ssl::context tls) : post_(post), tls_(std::move(tls)) {
        request_.method(http::verb::post);
        request_.target(post.url.target);
        request_.version(11);
        request_.set(http::field::host, post.url.authority());
        request_.set(http::field::user_agent, "faultline/" FAULTLINE_VERSION);
        request_.set(http::field::content_type, "application/json");
        request_.set(http::field::connection, "close");
        request_.body() = post.body;
        request_.prepare_payload();
        parser_.body_limit(answer_bytes_max);
    }

    Result<int> run() {
        deadline_.expires_after(post_.timeout);
        deadline_.async_wait([this](error_code cancelled) {
            if (cancelled) return;
            trouble_ =
                Error{ErrorCode::timeout, "no answer within " + format_duration(post_.timeout)};
            loop_.stop();
        });
        error_code error;
        const auto number = asio::ip::make_address(post_.url.host, error);
        if (!error) {
            connect({number});
        } else {
            look_up();
        }
        loop_.run();
        if (trouble_) return tl::unexpected(*trouble_);
        return static_cast<int>(parser_.get().result_int());
    }

  private:
    void look_up() {
        names_.look_up({post_.url.host}, [this](const link::AddressBook& book) {
            const auto& entry = book.hosts.at(post_.url.host);
            std::vector<asio::ip::address> numbers;
            for (const std::string& text : entry.numbers) {
                error_code error;
                const auto number = asio::ip::make_address(text, error);
                if (!error) numbers.push_back(number);
            }
            if (numbers.empty()) return give_up(post_.url.host + ": " + entry.error);
            connect(numbers);
        });
    }
    void connect(const std::vector<asio::ip::address>& numbers) {
        std::vector<tcp::endpoint> endpoints;
        for (const auto& number : numbers)
            endpoints.emplace_back(number, post_.url.port);
        plain().async_connect(endpoints, [this](error_code error, const tcp::endpoint&) {
            if (error) return give_up("connecting: " + error.message());
            if (!post_.url.tls) return write(plain());
            handshake_.start([this](const Result<>& secure) {
                if (!secure) return give_up(secure.error());
                write(stream_);
            });
        });
    }
    template <class Stream>
    void write(Stream& stream) {
        http::async_write(stream, request_, [this, &stream](error_code error, std::size_t) {
            if (error) return give_up("sending: " + error.message());
            read(stream);
        });
    }
    template <class Stream>
    void read(Stream& stream) {
        http::async_read_header(stream, buffer_, parser_, [this](error_code error, std::size_t) {
            if (error) return give_up("waiting for the answer: " + error.message());
            loop_.stop();
        });
    }
    void give_up(const std::string& why) { give_up(Error{ErrorCode::failed, why}); }
    void give_up(const Error& why) {
        trouble_ = why;
        loop_.stop();
    }
    beast::tcp_stream& plain() { return stream_.next_layer(); }

    const JsonPost& post_;
    asio::io_context loop_{1};
    asio::steady_timer deadline_{loop_};
    NameLookup names_{loop_};
    asio::ssl::context tls_;
    TlsStream stream_{loop_, tls_};
    TlsHandshake handshake_{stream_, post_.url.host};
    beast::flat_buffer buffer_{};
    http::request<http::string_body> request_{};
    http::response_parser<http::string_body> parser_{};
    std::optional<Error> trouble_{};
};

}  // namespace

Result<int> post_json(const JsonPost& post) {
    FL_TRY(asio::ssl::context tls, tls_client_context());
    return Posting(post, std::move(tls)).run();
}

}  // namespace faultline::cli
