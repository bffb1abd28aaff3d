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

namespace faultline::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t answer_bytes_max = 1 << 20;
constexpr std::uint16_t port_max = 65535;

std::optional<std::uint16_t> port_of(const std::string& text) {
    if (text.empty() || text.size() > 5 ||
        text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    const int number = std::stoi(text);
    if (number < 1 || number > port_max) return std::nullopt;
    return static_cast<std::uint16_t>(number);
}

/// Look up, connect, write, read: each step starts the next, and the first error ends them.
class Posting {
  public:
    explicit Posting(const JsonPost& post) : post_(post) {
        request_.method(http::verb::post);
        request_.target(post.url.target);
        request_.version(11);
        const bool ipv6 = post.url.host.find(':') != std::string::npos;
        const std::string host = ipv6 ? "[" + post.url.host + "]" : post.url.host;
        request_.set(http::field::host, post.url.port == "80" ? host : host + ":" + post.url.port);
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
            endpoints.emplace_back(number, *port_of(post_.url.port));
        stream_.async_connect(endpoints, [this](error_code error, const tcp::endpoint&) {
            if (error) return give_up("connecting: " + error.message());
            write();
        });
    }
    void write() {
        http::async_write(stream_, request_, [this](error_code error, std::size_t) {
            if (error) return give_up("sending: " + error.message());
            read();
        });
    }
    void read() {
        http::async_read_header(stream_, buffer_, parser_, [this](error_code error, std::size_t) {
            if (error) return give_up("waiting for the answer: " + error.message());
            loop_.stop();
        });
    }
    void give_up(const std::string& why) {
        trouble_ = Error{ErrorCode::failed, why};
        loop_.stop();
    }

    const JsonPost& post_;
    asio::io_context loop_{1};
    asio::steady_timer deadline_{loop_};
    NameLookup names_{loop_};
    beast::tcp_stream stream_{loop_};
    beast::flat_buffer buffer_{};
    http::request<http::string_body> request_{};
    http::response_parser<http::string_body> parser_{};
    std::optional<Error> trouble_{};
};

}  // namespace

Result<WebhookUrl> parse_webhook_url(const std::string& url) {
    const auto refuse = [&url](const std::string& why) {
        return fail(fmt::format("--notify-webhook {}: {}", url, why), ErrorCode::invalid);
    };
    constexpr std::string_view scheme = "http://";
    if (url.starts_with("https://")) {
        return refuse(
            "https is not built in; let a command send it: --notify-command 'curl -fsS "
            "--max-time 10 -H \"Content-Type: application/json\" --data @- " +
            url + "'");
    }
    if (!url.starts_with(scheme)) return refuse("a webhook is a URL such as http://host:8080/path");
    for (const char letter : url) {
        if (static_cast<unsigned char>(letter) <= ' ' || letter == '\x7f')
            return refuse("a URL has no blanks and control characters; write them as %20");
    }
    std::string rest = url.substr(scheme.size());
    rest.resize(std::min(rest.find('#'), rest.size()));
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    WebhookUrl parsed;
    parsed.target = rest.substr(end);
    if (!parsed.target.starts_with('/')) parsed.target.insert(0, "/");
    rest.resize(end);
    if (rest.find('@') != std::string::npos)
        return refuse(
            "user names and passwords in the URL are not supported; use --notify-command");
    const bool bracket = rest.starts_with('[');
    const std::size_t host_end =
        bracket ? std::min(rest.find(']'), rest.size()) + 1 : std::min(rest.find(':'), rest.size());
    parsed.host = bracket ? rest.substr(1, host_end - 2) : rest.substr(0, host_end);
    if (parsed.host.empty()) return refuse("it names no host");
    if (host_end < rest.size()) {
        parsed.port = rest.substr(std::min(host_end + 1, rest.size()));
        if (rest[host_end] != ':' || !port_of(parsed.port))
            return refuse("a port is a number from 1 to 65535");
    }
    return parsed;
}

Result<int> post_json(const JsonPost& post) {
    return Posting(post).run();
}

}  // namespace faultline::cli
