// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "harness/inject/link/toxiproxy/routes.hpp"

namespace faultline::link {
namespace {

std::optional<std::string> decoded(std::string_view segment) {
    std::string text;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] != '%') {
            text += segment[i];
            continue;
        }
        const std::string_view digits = segment.substr(i + 1, 2);
        unsigned value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2)
            return std::nullopt;
        text += static_cast<char>(value);
        i += 2;
    }
    return text;
}

}  // namespace

std::optional<std::vector<std::string>> path_segments(std::string_view target) {
    std::string_view path = target.substr(0, target.find_first_of("?#"));
    std::vector<std::string> segments;
    if (path.starts_with('/')) path.remove_prefix(1);
    for (;;) {
        const std::size_t end = std::min(path.find('/'), path.size());
        auto segment = decoded(path.substr(0, end));
        if (!segment) return std::nullopt;
        segments.push_back(std::move(*segment));
        if (end == path.size()) return segments;
        path.remove_prefix(end + 1);
    }
}

}  // namespace faultline::link
