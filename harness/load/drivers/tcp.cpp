// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/drivers.hpp"

namespace faultline {
namespace {

constexpr std::size_t line_bytes_max = 64;

/// connect: an operation is a TCP connect, closed again at once. echo: an operation is a line
/// nobody else sends, which has to come back.
class TcpProtocol final : public Protocol {
  public:
    TcpProtocol(bool connect, int pipeline, std::unique_ptr<Route> route)
        : connect_(connect),
          pipeline_(pipeline),
          kinds_{connect ? "connect" : "echo"},
          route_(std::move(route)) {}

    [[nodiscard]] const std::vector<std::string>& operation_kinds() const override {
        return kinds_;
    }
    [[nodiscard]] ProtocolTraits traits() const override {
        return {.pipeline = connect_ ? 1 : pipeline_, .connect_is_operation = connect_};
    }
    [[nodiscard]] Route& route() override { return *route_; }

    void draw(Operation&, std::uint32_t, Random&) override {}
    void encode(const Operation&, std::uint32_t sequence, std::string& out) override {
        out += std::to_string(sequence);
        out += '\n';
    }
    [[nodiscard]] Reply parse(const Operation&,
                              std::uint32_t sequence,
                              std::string_view input,
                              bool) override {
        const std::size_t end = input.find('\n');
        if (end == std::string_view::npos && input.size() <= line_bytes_max) return {};
        if (input.substr(0, end) == std::to_string(sequence)) return {.bytes = end + 1};
        return {.bytes = input.size(),
                .settlement = {Outcome::unknown, Failure::unexpected},
                .last = true};
    }

  private:
    const bool connect_;
    const int pipeline_;
    const std::vector<std::string> kinds_;
    std::unique_ptr<Route> route_;
};

}  // namespace

Result<std::unique_ptr<Protocol>> make_tcp(const LoadSpec& spec, const LoadTargets& targets) {
    const auto mode = spec.parameters.find<std::string>("mode").value_or("connect");
    const auto pipeline = spec.parameters.find<std::int64_t>("pipeline").value_or(1);
    FL_TRY(auto route, SpreadRoute::make(targets));
    return std::make_unique<TcpProtocol>(
        mode == "connect", static_cast<int>(pipeline), std::move(route));
}

Kind tcp_kind() {
    Kind kind{.name = "tcp", .about = "TCP connects, or lines sent to an echo service"};
    kind.parameters = {
        {.name = "mode",
         .type = ParameterType::choice,
         .help =
             "connect: an operation is a connect, closed again; echo: a unique line that has to "
             "come back",
         .default_value = "connect",
         .choices = {"connect", "echo"}},
        {.name = "pipeline",
         .type = ParameterType::integer,
         .help = "echo: lines in flight on one connection at most",
         .default_value = "1",
         .minimum = 1,
         .maximum = 1000000},
    };
    return kind;
}

}  // namespace faultline
