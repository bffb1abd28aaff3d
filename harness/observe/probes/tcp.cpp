// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/endpoint.hpp"
#include "harness/observe/probes/question.hpp"

namespace faultline {
namespace {
namespace asio = boost::asio;
using boost::system::error_code;

/// Handlers keep it alive (shared_ptr), as they may run after the probe is gone.
class TcpExchange : public std::enable_shared_from_this<TcpExchange> {
  public:
    TcpExchange(Loop& loop, Duration timeout, asio::ip::tcp::endpoint endpoint)
        : question_(loop, timeout), endpoint_(std::move(endpoint)), socket_(loop.context()) {}

    void ask(std::function<void(ProbeAnswer)> answer) {
        question_.open(std::move(answer), [this] { close(); });
        socket_.async_connect(
            endpoint_, [self = shared_from_this(), number = question_.number()](error_code error) {
                if (!self->question_.is_open(number)) return;
                self->close();
                if (error) {
                    return self->question_.answer_error(
                        describe_failure("connecting to", self->endpoint_, error));
                }
                self->question_.answer_value("open");
            });
    }

    void stop() {
        question_.abandon();
        close();
    }

  private:
    void close() {
        error_code ignored;
        socket_.close(ignored);
    }

    Question question_;
    asio::ip::tcp::endpoint endpoint_;
    asio::ip::tcp::socket socket_;
};

class TcpProbe final : public Probe {
  public:
    explicit TcpProbe(std::shared_ptr<TcpExchange> exchange) : exchange_(std::move(exchange)) {}
    TcpProbe(const TcpProbe&) = delete;
    TcpProbe& operator=(const TcpProbe&) = delete;
    ~TcpProbe() override { exchange_->stop(); }
    void ask(std::function<void(ProbeAnswer)> answer) override {
        exchange_->ask(std::move(answer));
    }

  private:
    std::shared_ptr<TcpExchange> exchange_;
};

Result<std::unique_ptr<Probe>> make(Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
    FL_TRY(const auto endpoint, endpoint_of(spec, target));
    return std::unique_ptr<Probe>(
        std::make_unique<TcpProbe>(std::make_shared<TcpExchange>(loop, spec.timeout, endpoint)));
}

}  // namespace

ProbeKind tcp_probe() {
    return {{.name = "tcp",
             .about = "Connects; ok when the connection is accepted.",
             .answers = {"open"}},
            make};
}

}  // namespace faultline
