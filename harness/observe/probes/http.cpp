// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <nlohmann/json.hpp>

#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/endpoint.hpp"
#include "harness/observe/probes/question.hpp"

namespace faultline {
namespace {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint64_t body_bytes_max = 1 << 20;

struct Wanted {
    std::string path;
    std::int64_t status = 200;
    std::string pointer;  // empty: the status is the answer
};

ProbeAnswer interpret(const Wanted& wanted, unsigned status, const std::string& body) {
    ProbeAnswer answer{.value = std::to_string(status)};
    if (status != static_cast<unsigned>(wanted.status)) {
        answer.error = "status " + answer.value + ", expected " + std::to_string(wanted.status);
        return answer;
    }
    answer.ok = true;
    if (wanted.pointer.empty()) return answer;

    answer.value.clear();
    const auto document = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    const nlohmann::json::json_pointer pointer(wanted.pointer);
    if (document.is_discarded()) {
        answer.error = "the body is not JSON";
    } else if (!document.contains(pointer)) {
        answer.error = "the body has nothing at " + wanted.pointer;
    } else {
        const auto& value = document.at(pointer);
        answer.value = value.is_string() ? value.get<std::string>() : value.dump();
    }
    answer.ok = answer.error.empty();
    return answer;
}

/// One GET on a connection of its own, so that accepting is probed too. Handlers keep it alive
/// (shared_ptr): the kernel may still hold its buffers when the probe is destroyed.
class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
  public:
    HttpExchange(Loop& loop,
                 Question& question,
                 const Wanted& wanted,
                 asio::ip::tcp::endpoint endpoint)
        : question_(&question),
          number_(question.number()),
          wanted_(wanted),
          endpoint_(std::move(endpoint)),
          socket_(loop.context()),
          request_(http::verb::get, wanted.path, 11) {
        request_.set(http::field::host,
                     endpoint_.address().to_string() + ":" + std::to_string(endpoint_.port()));
        request_.set(http::field::user_agent, "faultline");
        request_.keep_alive(false);
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
                    interpret(self->wanted_, response.result_int(), response.body());
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
    Wanted wanted_;
    asio::ip::tcp::endpoint endpoint_;
    asio::ip::tcp::socket socket_;
    http::request<http::empty_body> request_;
    http::response_parser<http::string_body> parser_;
    boost::beast::flat_buffer buffer_;
};

class HttpProbe final : public Probe {
  public:
    HttpProbe(Loop& loop, Duration timeout, Wanted wanted, asio::ip::tcp::endpoint endpoint)
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
    Wanted wanted_;
    asio::ip::tcp::endpoint endpoint_;
    std::shared_ptr<HttpExchange> exchange_;
};

Result<std::unique_ptr<Probe>> make(Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
    FL_TRY(auto endpoint, endpoint_of(spec, target));
    Wanted wanted{spec.parameters.get<std::string>("path"),
                  spec.parameters.get<std::int64_t>("status"),
                  spec.parameters.find<std::string>("pointer").value_or("")};
    if (!wanted.path.starts_with('/')) {
        return fail("probe http of " + target.instance + ": path \"" + wanted.path +
                        "\" must begin with a slash",
                    ErrorCode::invalid);
    }
    try {
        const nlohmann::json::json_pointer checked(wanted.pointer);
    } catch (const nlohmann::json::exception& error) {
        return fail("probe http of " + target.instance + ": \"" + wanted.pointer +
                        "\" is not a JSON pointer such as /status/role: " + error.what(),
                    ErrorCode::invalid);
    }
    return std::unique_ptr<Probe>(
        std::make_unique<HttpProbe>(loop, spec.timeout, std::move(wanted), std::move(endpoint)));
}

}  // namespace

ProbeKind http_probe() {
    return {
        {.name = "http",
         .about = "Asks GET over HTTP/1.1; ok when the status is the expected one.",
         .parameters = {{.name = "path",
                         .type = ParameterType::text,
                         .help = "What to get, with its query.",
                         .default_value = "/"},
                        {.name = "pointer",
                         .type = ParameterType::text,
                         .help = "JSON pointer into the body, for example /status/role; its value "
                                 "becomes the answer."},
                        {.name = "status",
                         .type = ParameterType::integer,
                         .help = "The status that is ok.",
                         .default_value = "200",
                         .minimum = 100,
                         .maximum = 599}},
         .answers = {"the status, or the value at the pointer"}},
        make};
}

}  // namespace faultline
