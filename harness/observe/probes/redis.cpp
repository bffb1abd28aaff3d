// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/redis.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "harness/observe/probes/endpoint.hpp"
#include "harness/observe/probes/question.hpp"

namespace faultline {
namespace {
namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t reply_bytes_max = 4 << 20;

std::string encoded(const std::vector<std::string>& command) {
    const std::vector<std::string_view> words(command.begin(), command.end());
    std::string request;
    append_command(request, words);
    return request;
}

/// The connection and the question on it. Handlers keep it alive (shared_ptr): the kernel may still
/// hold its buffers when the probe is destroyed.
///
///   ask ─► connected? ─no─► connect ─► send ─► receive until a whole reply ─► answer
///              └─yes────────────────────┘ │        │
///              a kept connection that ended while idle: connect once more
class RedisExchange : public std::enable_shared_from_this<RedisExchange> {
  public:
    RedisExchange(Loop& loop,
                  Duration timeout,
                  asio::ip::tcp::endpoint endpoint,
                  RedisQuestion question)
        : question_(loop, timeout),
          endpoint_(std::move(endpoint)),
          request_(encoded(question.command)),
          interpret_(std::move(question.interpret)),
          socket_(loop.context()) {}

    void ask(std::function<void(ProbeAnswer)> answer) {
        // A late reply must not answer the next question: a connection that missed one is given up.
        question_.open(std::move(answer), [this] { disconnect(); });
        reused_ = connected_;
        received_.clear();
        connected_ ? send() : connect();
    }

    void stop() {
        question_.abandon();
        disconnect();
    }

  private:
    /// Wraps a handler so that it only runs for the question it belongs to.
    template <class Handler>
    auto for_this_question(Handler handler) {
        return [self = shared_from_this(), number = question_.number(), handler](auto... result) {
            if (self->question_.is_open(number)) handler(*self, result...);
        };
    }

    void connect() {
        error_code error;
        socket_.open(endpoint_.protocol(), error);
        if (error) return fail_with("opening a socket to", error);
        socket_.async_connect(endpoint_,
                              for_this_question([](RedisExchange& self, error_code failure) {
                                  if (failure) return self.fail_with("connecting to", failure);
                                  self.connected_ = true;
                                  error_code ignored;
                                  self.socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
                                  self.send();
                              }));
    }

    void send() {
        asio::async_write(
            socket_,
            asio::buffer(request_),
            for_this_question([](RedisExchange& self, error_code failure, std::size_t) {
                if (failure) return self.lost("sending to", failure);
                self.receive();
            }));
    }

    void receive() {
        socket_.async_read_some(
            asio::buffer(chunk_),
            for_this_question([](RedisExchange& self, error_code failure, std::size_t size) {
                if (failure) return self.lost("reading from", failure);
                self.received_.append(self.chunk_.data(), size);
                self.take_reply();
            }));
    }

    void take_reply() {
        if (received_.size() > reply_bytes_max)
            return refuse("it is longer than any probe expects");
        const RespParse parsed = parse_resp(received_);
        if (parsed.state == RespParse::State::incomplete) return receive();
        if (parsed.state == RespParse::State::broken)
            return refuse("it does not follow the protocol");
        if (parsed.bytes != received_.size())
            disconnect();  // we no longer know whose reply comes next
        if (parsed.value.type == RespValue::Type::error)
            return question_.answer_error(std::string(parsed.value.text));
        question_.answer(interpret_(parsed.value));
    }

    void refuse(const std::string& what) {
        disconnect();
        question_.answer_error("what the server sent is not a Redis reply: " + what);
    }

    void lost(const char* doing, error_code error) {
        const bool idle_end = reused_ && received_.empty();
        if (!idle_end) return fail_with(doing, error);
        reused_ = false;
        disconnect();
        connect();
    }

    void fail_with(const char* doing, error_code error) {
        disconnect();
        question_.answer_error(describe_failure(doing, endpoint_, error));
    }

    void disconnect() {
        connected_ = false;
        error_code ignored;
        socket_.close(ignored);
    }

    Question question_;
    asio::ip::tcp::endpoint endpoint_;
    std::string request_;
    std::function<ProbeAnswer(const RespValue&)> interpret_;
    asio::ip::tcp::socket socket_;
    bool connected_ = false;
    bool reused_ = false;  // this question goes over a connection that was there before
    std::array<char, 4096> chunk_{};
    std::string received_;
};

class RedisProbe final : public Probe {
  public:
    explicit RedisProbe(std::shared_ptr<RedisExchange> exchange) : exchange_(std::move(exchange)) {}
    RedisProbe(const RedisProbe&) = delete;
    RedisProbe& operator=(const RedisProbe&) = delete;
    ~RedisProbe() override { exchange_->stop(); }
    void ask(std::function<void(ProbeAnswer)> answer) override {
        exchange_->ask(std::move(answer));
    }

  private:
    std::shared_ptr<RedisExchange> exchange_;
};

}  // namespace

Result<std::unique_ptr<Probe>> make_redis_probe(Loop& loop,
                                                const ProbeSpec& spec,
                                                const ProbeTarget& target,
                                                RedisQuestion question) {
    FL_TRY(const auto endpoint, endpoint_of(spec, target));
    auto exchange =
        std::make_shared<RedisExchange>(loop, spec.timeout, endpoint, std::move(question));
    return std::unique_ptr<Probe>(std::make_unique<RedisProbe>(std::move(exchange)));
}

}  // namespace faultline
