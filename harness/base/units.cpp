// SPDX-License-Identifier: Apache-2.0
#include "harness/base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace faultline {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array duration_units{Unit{"ns", 1.0},
                                    Unit{"us", 1e3},
                                    Unit{"ms", 1e6},
                                    Unit{"s", 1e9},
                                    Unit{"min", 60e9},
                                    Unit{"h", 3600e9}};
constexpr std::array rate_units{Unit{"/s", 1.0}, Unit{"/ms", 1e3}, Unit{"/min", 1.0 / 60}};
constexpr std::array byte_units{Unit{"B", 1.0},
                                Unit{"KB", 1e3},
                                Unit{"MB", 1e6},
                                Unit{"GB", 1e9},
                                Unit{"KiB", 1024.0},
                                Unit{"MiB", 1024.0 * 1024},
                                Unit{"GiB", 1024.0 * 1024 * 1024}};

struct Number {
    double value;
    std::string_view rest;
};

Result<Number> leading_number(std::string_view text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(value) || value < 0 || text.starts_with('-')) {
        return fail(fmt::format("\"{}\" does not start with a number", text), ErrorCode::invalid);
    }
    return Number{value, text.substr(static_cast<std::size_t>(end - text.data()))};
}

Result<double> parse_quantity(std::string_view text,
                              std::span<const Unit> units,
                              std::string_view example) {
    auto number = leading_number(text);
    if (number) {
        for (const Unit& unit : units) {
            if (unit.name == number->rest) return number->value * unit.factor;
        }
    }
    std::string names;
    for (const Unit& unit : units)
        names += (names.empty() ? "" : ", ") + std::string(unit.name);
    return fail(
        fmt::format("\"{}\" is not a number followed by one of {}; write for example \"{}\"",
                    text,
                    names,
                    example),
        ErrorCode::invalid);
}

/// Three significant digits without an exponent.
std::string three_digits(double value) {
    const double magnitude = std::fabs(value);
    const int decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
    return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    FL_TRY(const double nanoseconds, parse_quantity(text, duration_units, "150ms"));
    if (nanoseconds > 9e18) {
        return fail(fmt::format("\"{}\" is longer than 292 years", text), ErrorCode::invalid);
    }
    return Duration(std::llround(nanoseconds));
}

Result<double> parse_rate(std::string_view text) {
    return parse_quantity(text, rate_units, "2000/s");
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
    FL_TRY(const double bytes, parse_quantity(text, byte_units, "64KiB"));
    if (bytes > 9e18) return fail(fmt::format("\"{}\" is too large", text), ErrorCode::invalid);
    return static_cast<std::uint64_t>(std::llround(bytes));
}

Result<double> parse_share(std::string_view text) {
    const auto number = leading_number(text);
    if (number && (number->rest.empty() || number->rest == "%")) {
        const double share = number->rest.empty() ? number->value : number->value / 100;
        if (share <= 1.0) return share;
        return fail(fmt::format("\"{}\" is more than 100 %", text), ErrorCode::invalid);
    }
    return fail(fmt::format("\"{}\" is not a share; write \"95%\" or 0.95", text),
                ErrorCode::invalid);
}

std::string format_duration(Duration span) {
    const double nanoseconds = static_cast<double>(span.count());
    const double magnitude = std::fabs(nanoseconds);
    if (magnitude >= 999.5e6) return three_digits(nanoseconds / 1e9) + " s";
    if (magnitude >= 999.5e3) return three_digits(nanoseconds / 1e6) + " ms";
    if (magnitude >= 999.5) return three_digits(nanoseconds / 1e3) + " us";
    return fmt::format("{} ns", span.count());
}

std::string spell_duration(Duration span) {
    const std::int64_t count = span.count();
    if (count % 1'000'000'000 == 0) return fmt::format("{}s", count / 1'000'000'000);
    if (count % 1'000'000 == 0) return fmt::format("{}ms", count / 1'000'000);
    if (count % 1'000 == 0) return fmt::format("{}us", count / 1'000);
    return fmt::format("{}ns", count);
}

std::string format_share(double share) {
    const double percent = share * 100;
    for (int decimals = 1; decimals < 6; ++decimals) {
        const std::string text = fmt::format("{:.{}f}", percent, decimals);
        const bool rounds_to_an_end =
            (share < 1.0 && text == fmt::format("{:.{}f}", 100.0, decimals)) ||
            (share > 0.0 && text == fmt::format("{:.{}f}", 0.0, decimals));
        if (!rounds_to_an_end) return text + " %";
    }
    return fmt::format("{:.6f} %", percent);
}

std::string format_count(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, 1, ',');
    return digits;
}

std::string format_bytes(std::uint64_t bytes) {
    constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < names.size(); ++unit)
        value /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes)
                     : fmt::format("{} {}", three_digits(value), names[unit]);
}

}  // namespace faultline
