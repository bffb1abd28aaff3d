// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "harness/load/drivers/drivers.hpp"
#include "harness/load/drivers/http_reply.hpp"

namespace faultline {
namespace {

/// One request at a time on a kept-alive connection: pipelining is not what HTTP clients do.
class HttpProtocol final : public Protocol {
  public:
    HttpProtocol(std::string request, bool head, int expected, std::unique_ptr<Route> route)
        : request_(std::move(request)),
          head_(head),
          expected_(expected),
          route_(std::move(route)) {}

    [[nodiscard]] const std::vector<std::string>& operation_kinds() const override {
        static const std::vector<std::string> kinds{"request"};
        return kinds;
    }
    [[nodiscard]] ProtocolTraits traits() const override { return {}; }
    [[nodiscard]] Route& route() override { return *route_; }

    void draw(Operation&, std::uint32_t, Random&) override {}
    void encode(const Operation&, std::uint32_t, std::string& out) override { out += request_; }
    [[nodiscard]] Reply parse(const Operation&,
                              std::uint32_t,
                              std::string_view input,
                              bool ended) override {
        const HttpParse parsed = parse_http(input, head_, ended);
        switch (parsed.state) {
            case HttpParse::State::incomplete:
                return {};
            case HttpParse::State::broken:
                return {.bytes = input.size(),
                        .settlement = {Outcome::unknown, Failure::unexpected},
                        .last = true};
            case HttpParse::State::complete:
                break;
        }
        Reply reply{.bytes = parsed.bytes, .last = !parsed.keep_alive};
        reply.settlement.version = static_cast<std::uint32_t>(parsed.status);
        if (parsed.status != expected_) {
            reply.settlement.outcome = Outcome::failed;
            reply.settlement.failure = Failure::error_reply;
        }
        return reply;
    }

  private:
    const std::string request_;
    const bool head_;
    const int expected_;
    std::unique_ptr<Route> route_;
};

std::string request_of(const LoadSpec& spec, const std::string& method, const std::string& host) {
    using Fields = std::map<std::string, std::string>;
    const auto fields = spec.parameters.find<Fields>("headers").value_or(Fields{});
    const auto body = spec.parameters.find<std::string>("body").value_or("");
    const auto path = spec.parameters.find<std::string>("path").value_or("/");
    std::string request = method + " " + path + " HTTP/1.1\r\n";
    if (!fields.contains("Host")) request += "Host: " + host + "\r\n";
    for (const auto& [name, value] : fields)
        request += name + ": " + value + "\r\n";
    if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return request + "\r\n" + body;
}

}  // namespace

Result<std::unique_ptr<Protocol>> make_http(const LoadSpec& spec, const LoadTargets& targets) {
    const auto method = spec.parameters.find<std::string>("method").value_or("GET");
    const auto expected = spec.parameters.find<std::int64_t>("expect_status").value_or(200);
    const std::string host = targets.endpoints.empty() ? "localhost" : targets.endpoints[0].host;
    std::string request = request_of(spec, method, host);
    FL_TRY(auto route, SpreadRoute::make(targets));
    return std::make_unique<HttpProtocol>(
        std::move(request), method == "HEAD", static_cast<int>(expected), std::move(route));
}

Kind http_kind() {
    Kind kind{.name = "http", .about = "HTTP/1.1 requests over kept-alive connections"};
    kind.parameters = {
        {.name = "method",
         .type = ParameterType::choice,
         .help = "the request's method",
         .default_value = "GET",
         .choices = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}},
        {.name = "path",
         .type = ParameterType::text,
         .help = "the request's target",
         .default_value = "/"},
        {.name = "headers",
         .type = ParameterType::fields,
         .help = "header fields; Host and Content-Length are set by themselves"},
        {.name = "body", .type = ParameterType::text, .help = "the request's content"},
        {.name = "expect_status",
         .type = ParameterType::integer,
         .help = "the status that counts as success; any other is a failed operation",
         .default_value = "200",
         .minimum = 100,
         .maximum = 599},
    };
    return kind;
}

}  // namespace faultline
