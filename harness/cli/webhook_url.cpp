// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/webhook_url.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace faultline::cli {
namespace {

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view tls_scheme = "https://";
constexpr std::uint16_t plain_port = 80;
constexpr std::uint16_t tls_port = 443;
constexpr int port_max = 65535;

std::optional<std::uint16_t> port_of(const std::string& text) {
    if (text.empty() || text.size() > 5 ||
        text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    const int number = std::stoi(text);
    if (number < 1 || number > port_max) return std::nullopt;
    return static_cast<std::uint16_t>(number);
}

}  // namespace

std::string WebhookUrl::authority() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    const std::uint16_t implied = tls ? tls_port : plain_port;
    return port == implied ? name : fmt::format("{}:{}", name, port);
}

Result<WebhookUrl> parse_webhook_url(const std::string& url) {
    const auto refuse = [&url](const std::string& why) {
        return fail(fmt::format("--notify-webhook {}: {}", url, why), ErrorCode::invalid);
    };
    WebhookUrl parsed;
    parsed.tls = url.starts_with(tls_scheme);
    if (!parsed.tls && !url.starts_with(plain_scheme))
        return refuse("a webhook is a URL such as https://host/path or http://host:8080/path");
    for (const char letter : url) {
        if (static_cast<unsigned char>(letter) <= ' ' || letter == '\x7f')
            return refuse("a URL has no blanks and control characters; write them as %20");
    }
    std::string rest = url.substr((parsed.tls ? tls_scheme : plain_scheme).size());
    rest.resize(std::min(rest.find('#'), rest.size()));
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    parsed.target = rest.substr(end);
    if (!parsed.target.starts_with('/')) parsed.target.insert(0, "/");
    rest.resize(end);
    if (rest.find('@') != std::string::npos)
        return refuse(
            "user names and passwords in the URL are not supported; use --notify-command");
    const bool bracket = rest.starts_with('[');
    if (bracket && rest.find(']') == std::string::npos) return refuse("its [ has no ]");
    const std::size_t host_end =
        bracket ? rest.find(']') + 1 : std::min(rest.find(':'), rest.size());
    parsed.host = bracket ? rest.substr(1, host_end - 2) : rest.substr(0, host_end);
    if (parsed.host.empty()) return refuse("it names no host");
    parsed.port = parsed.tls ? tls_port : plain_port;
    if (host_end < rest.size()) {
        const auto port = port_of(rest.substr(host_end + 1));
        if (rest[host_end] != ':' || !port) return refuse("a port is a number from 1 to 65535");
        parsed.port = *port;
    }
    return parsed;
}

}  // namespace faultline::cli
