// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/outside_actions.hpp"

#include <atomic>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "harness/base/command.hpp"

namespace ftcore {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using faultline::Result;

namespace {

constexpr std::chrono::seconds attempt_timeout{2};
constexpr std::chrono::milliseconds first_pause{200};

struct Url {
    std::string host;
    std::string port = "80";
    std::string path = "/";
};

Result<Url> parse_url(const std::string& text) {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) {
        return faultline::fail(fmt::format(
            "webhook \"{}\": only http://host[:port]/path is spoken; put a proxy in front for TLS",
            text));
    }
    Url url;
    const std::string rest = text.substr(scheme.size());
    const std::size_t slash = rest.find('/');
    url.host = rest.substr(0, slash);
    if (slash != std::string::npos) url.path = rest.substr(slash);
    if (const std::size_t colon = url.host.rfind(':'); colon != std::string::npos) {
        url.port = url.host.substr(colon + 1);
        url.host.resize(colon);
    }
    if (url.host.empty()) return faultline::fail(fmt::format("webhook \"{}\" names no host", text));
    return url;
}

Result<std::string> post_once(const Url& url, const std::string& body) {
    asio::io_context loop;
    beast::tcp_stream stream(loop);
    beast::flat_buffer buffer;
    http::request<http::string_body> request(http::verb::post, url.path, 11);
    request.set(http::field::host, url.host);
    request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    http::response<http::string_body> response;
    boost::system::error_code failure;
    asio::ip::tcp::resolver resolver(loop);
    const auto addresses = resolver.resolve(url.host, url.port, failure);
    if (failure) return faultline::fail(failure.message());
    stream.expires_after(attempt_timeout);
    // One after the other through callbacks: only the asynchronous calls obey the deadline.
    stream.async_connect(addresses, [&](auto error, const auto&) {
        if ((failure = error)) return;
        http::async_write(stream, request, [&](auto write_error, std::size_t) {
            if ((failure = write_error)) return;
            http::async_read(stream, buffer, response, [&](auto read_error, std::size_t) {
                failure = read_error;
            });
        });
    });
    loop.run();
    if (failure) return faultline::fail(failure.message());
    if (response.result_int() >= 300)
        return faultline::fail(fmt::format("HTTP status {}", response.result_int()));
    return fmt::format("HTTP status {}", response.result_int());
}

}  // namespace

struct OutsideActions::State : std::enable_shared_from_this<State> {
    explicit State(asio::io_context& loop_in) : loop(loop_in), worker(1) {}

    void enqueue(std::function<Result<std::string>()> work, Done done) {
        if (waiting.fetch_add(1) >= waiting_max) {
            waiting.fetch_sub(1);
            return done(false, "too many alerts wait already");
        }
        asio::post(worker,
                   [self = shared_from_this(), work = std::move(work), done = std::move(done)] {
                       Result<std::string> result =
                           self->stopping ? Result<std::string>(faultline::fail("the node stops"))
                                          : work();
                       self->waiting.fetch_sub(1);
                       asio::post(self->loop, [done, result = std::move(result)] {
                           done(result.has_value(), result ? *result : result.error().message);
                       });
                   });
    }

    asio::io_context& loop;
    asio::thread_pool worker;
    std::atomic<int> waiting{0};
    std::atomic<bool> stopping{false};
};

OutsideActions::OutsideActions(asio::io_context& loop) : state_(std::make_shared<State>(loop)) {}

OutsideActions::~OutsideActions() {
    state_->stopping = true;
    state_->worker.join();
}

void OutsideActions::post(std::string url, std::string body, Done done) {
    state_->enqueue(
        [url = std::move(url),
         body = std::move(body),
         state = state_.get()]() -> Result<std::string> {
            FL_TRY(const Url target, parse_url(url));
            std::string reasons;
            auto pause = first_pause;
            for (int attempt = 1; attempt <= attempts_max && !state->stopping; ++attempt) {
                if (attempt > 1) std::this_thread::sleep_for(pause), pause *= 2;
                auto posted = post_once(target, body);
                if (posted) return posted;
                reasons = posted.error().message;
            }
            return faultline::fail(
                fmt::format("POST {}: {} ({} attempts)", url, reasons, attempts_max));
        },
        std::move(done));
}

void OutsideActions::run(std::vector<std::string> words, Done done) {
    state_->enqueue(
        [words = std::move(words)]() -> Result<std::string> {
            FL_TRY(const auto result, faultline::run_command({.words = words}));
            if (result.exit_code == 0) return std::string("exit code 0");
            return faultline::fail(
                fmt::format("{} {}",
                            words.front(),
                            result.timed_out ? "ran too long and was killed" : "failed"));
        },
        std::move(done));
}

}  // namespace ftcore
