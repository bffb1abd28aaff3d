// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/http_question.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "harness/observe/probes/endpoint.hpp"
#include "harness/observe/probes/question.hpp"

namespace faultline {
namespace {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint64_t body_bytes_max = 1 << 20;

/// One request on a connection of its own, so that accepting is probed too. Handlers keep it alive
/// (shared_ptr): the kernel may still hold its buffers when the probe is destroyed.
class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
  public:
    HttpExchange(Loop& loop,
                 Question& question,
                 const HttpQuestion& wanted,
                 asio::ip::tcp::endpoint endpoint)
        : question_(&question),
          number_(question.number()),
          wanted_(wanted),
          endpoint_(std::move(endpoint)),
          socket_(loop.context()),
          request_(wanted.body.empty() ? http::verb::get : http::verb::post,
                   wanted.path,
                   11,
                   wanted.body) {
        request_.set(http::field::host,
                     endpoint_.address().to_string() + ":" + std::to_string(endpoint_.port()));
        request_.set(http::field::user_agent, "faultline");
        request_.keep_alive(false);
        request_.prepare_payload();
        parser_.body_limit(body_bytes_max);
    }

    void start() {
        socket_.async_connect(endpoint_, [self = shared_from_this()](error_code error) {
            if (!self->wanted_still()) return;
            if (error) return self->fail_with("connecting to", error);
            self->send();
        });
    }

    /// Nobody waits for it any more.
    void stop() {
        question_ = nullptr;
        error_code ignored;
        socket_.close(ignored);
    }

  private:
    [[nodiscard]] bool wanted_still() const {
        return question_ != nullptr && question_->is_open(number_);
    }

    void send() {
        http::async_write(
            socket_, request_, [self = shared_from_this()](error_code error, std::size_t) {
                if (!self->wanted_still()) return;
                if (error) return self->fail_with("sending to", error);
                self->receive();
            });
    }

    void receive() {
        http::async_read(
            socket_, buffer_, parser_, [self = shared_from_this()](error_code error, std::size_t) {
                if (!self->wanted_still()) return;
                if (error) return self->fail_with("reading from", error);
                const auto& response = self->parser_.get();
                Question* question = self->question_;
                ProbeAnswer answer =
                    self->wanted_.interpret(response.result_int(), response.body());
                self->stop();
                question->answer(std::move(answer));
            });
    }

    void fail_with(const char* doing, error_code error) {
        Question* question = question_;
        stop();
        question->answer_error(describe_failure(doing, endpoint_, error));
    }

    Question* question_;  // the probe's; null once the probe has let go of this exchange
    std::uint64_t number_;
    HttpQuestion wanted_;
    asio::ip::tcp::endpoint endpoint_;
    asio::ip::tcp::socket socket_;
    http::request<http::string_body> request_;
    http::response_parser<http::string_body> parser_;
    boost::beast::flat_buffer buffer_;
};

class HttpProbe final : public Probe {
  public:
    HttpProbe(Loop& loop, Duration timeout, HttpQuestion wanted, asio::ip::tcp::endpoint endpoint)
        : loop_(loop),
          question_(loop, timeout),
          wanted_(std::move(wanted)),
          endpoint_(std::move(endpoint)) {}
    HttpProbe(const HttpProbe&) = delete;
    HttpProbe& operator=(const HttpProbe&) = delete;
    ~HttpProbe() override {
        if (exchange_) exchange_->stop();
        question_.abandon();
    }

    void ask(std::function<void(ProbeAnswer)> answer) override {
        question_.open(std::move(answer), [this] { exchange_->stop(); });
        exchange_ = std::make_shared<HttpExchange>(loop_, question_, wanted_, endpoint_);
        exchange_->start();
    }

  private:
    Loop& loop_;
    Question question_;
    HttpQuestion wanted_;
    asio::ip::tcp::endpoint endpoint_;
    std::shared_ptr<HttpExchange> exchange_;
};

}  // namespace

Result<std::unique_ptr<Probe>> make_http_probe(Loop& loop,
                                               const ProbeSpec& spec,
                                               const ProbeTarget& target,
                                               HttpQuestion question) {
    FL_TRY(auto endpoint, endpoint_of(spec, target));
    return std::unique_ptr<Probe>(
        std::make_unique<HttpProbe>(loop, spec.timeout, std::move(question), std::move(endpoint)));
}

}  // namespace faultline
