// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/http_target.hpp"

#include <arpa/inet.h>

#include <fmt/format.h>

namespace faultline::reports {
namespace {

enum class Plus : std::uint8_t { stays, is_blank };

int hexadecimal(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

std::optional<std::string> decode(std::string_view text, Plus plus) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_blank) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hexadecimal(text[i + 1]);
            const int low = hexadecimal(text[i + 2]);
            if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return decoded;
}

/// Calls `use` with each part between separators; false as soon as it answers false.
template <class Use>
bool for_each_part(std::string_view text, char separator, Use use) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0 && !use(text.substr(0, end))) return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

}  // namespace

std::optional<HttpRequest> parse_target(std::string_view target) {
    if (!target.starts_with('/')) return std::nullopt;
    const std::size_t mark = std::min(target.find('?'), target.size());
    HttpRequest request;
    const bool path = for_each_part(target.substr(0, mark), '/', [&](std::string_view segment) {
        auto decoded = decode(segment, Plus::stays);
        if (decoded) request.path.push_back(*std::move(decoded));
        return decoded.has_value();
    });
    if (!path) return std::nullopt;
    target.remove_prefix(std::min(mark + 1, target.size()));
    const bool query = for_each_part(target, '&', [&](std::string_view pair) {
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = decode(pair.substr(0, equals), Plus::is_blank);
        const auto value = decode(pair.substr(std::min(equals + 1, pair.size())), Plus::is_blank);
        if (name && value) request.query[*name] = *value;
        return name && value;
    });
    if (!query) return std::nullopt;
    return request;
}

std::string encode_query(std::string_view text) {
    std::string encoded;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool unreserved = (letter >= '0' && letter <= '9') ||
                                (letter >= 'a' && letter <= 'z') ||
                                (letter >= 'A' && letter <= 'Z') || letter == '-' ||
                                letter == '.' || letter == '_' || letter == '~';
        encoded += unreserved ? std::string(1, letter) : fmt::format("%{:02X}", byte);
    }
    return encoded;
}

bool names_loopback(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, host.find(']')) == "[::1";
    const std::string name(host.substr(0, host.find(':')));
    if (name == "localhost") return true;
    in_addr address{};
    constexpr std::uint32_t loopback_network = 127;
    return ::inet_pton(AF_INET, name.c_str(), &address) == 1 &&
           ntohl(address.s_addr) >> 24 == loopback_network;
}

}  // namespace faultline::reports
