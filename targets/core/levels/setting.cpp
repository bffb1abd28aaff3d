// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/setting.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/nearest.hpp"
#include "harness/base/units.hpp"

namespace ftcore {
namespace {

using faultline::Duration;
using faultline::ErrorCode;
using faultline::fail;
using faultline::Result;

/// "1 MiB" is for people; a configuration has no blank in a value.
std::string spell_bytes(double bytes) {
    constexpr double kibi = 1024;
    if (bytes >= kibi * kibi && std::fmod(bytes, kibi * kibi) == 0)
        return fmt::format("{:.0f}MiB", bytes / kibi / kibi);
    if (bytes >= kibi && std::fmod(bytes, kibi) == 0) return fmt::format("{:.0f}KiB", bytes / kibi);
    return fmt::format("{:.0f}B", bytes);
}

/// "24h" is easier to grasp than 86400s.
std::string spell_span(Duration span) {
    for (const auto& [unit, name] : {std::pair(Duration(std::chrono::hours(1)), "h"),
                                     std::pair(Duration(std::chrono::minutes(1)), "min")}) {
        if (span > Duration::zero() && span % unit == Duration::zero())
            return fmt::format("{}{}", span / unit, name);
    }
    return faultline::spell_duration(span);
}

std::string spell_bound(SettingType type, double bound) {
    switch (type) {
        case SettingType::duration:
            return spell_span(Duration(std::llround(bound)));
        case SettingType::bytes:
            return spell_bytes(bound);
        case SettingType::share:
            return fmt::format("{}%", bound * 100);
        case SettingType::integer:
        case SettingType::boolean:
        case SettingType::text:
        case SettingType::choice:
        case SettingType::words:
            break;
    }
    return fmt::format("{:.0f}", bound);
}

Result<SettingValue> in_range(const Setting& setting,
                              const std::string& word,
                              double value,
                              SettingValue parsed) {
    if (value >= setting.minimum && value <= setting.maximum) return parsed;
    return fail(fmt::format("\"{}\" is out of range; it is {}", word, range_of(setting)),
                ErrorCode::invalid);
}

Result<SettingValue> parse_integer(const Setting& setting, const std::string& word) {
    std::int64_t value = 0;
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (error == std::errc::result_out_of_range)
        return fail(fmt::format("\"{}\" is too large", word), ErrorCode::invalid);
    if (error != std::errc() || stop != end)
        return fail(fmt::format("\"{}\" is not a whole number", word), ErrorCode::invalid);
    return in_range(setting, word, static_cast<double>(value), value);
}

Result<SettingValue> parse_boolean(const std::string& word) {
    for (const char* const yes : {"yes", "on", "true"}) {
        if (word == yes) return SettingValue(true);
    }
    for (const char* const no : {"no", "off", "false"}) {
        if (word == no) return SettingValue(false);
    }
    return fail(fmt::format("\"{}\" is neither yes nor no", word), ErrorCode::invalid);
}

Result<SettingValue> parse_choice(const Setting& setting, const std::string& word) {
    if (std::find(setting.choices.begin(), setting.choices.end(), word) != setting.choices.end())
        return SettingValue(word);
    return fail(fmt::format("\"{}\" is not one of {}{}",
                            word,
                            fmt::join(setting.choices, ", "),
                            faultline::nearest_name(word, setting.choices).empty()
                                ? ""
                                : faultline::suggestion(word, setting.choices)),
                ErrorCode::invalid);
}

Result<SettingValue> parse_one(const Setting& setting, const std::string& word) {
    switch (setting.type) {
        case SettingType::integer:
            return parse_integer(setting, word);
        case SettingType::duration: {
            FL_TRY(const Duration value, faultline::parse_duration(word));
            return in_range(setting, word, static_cast<double>(value.count()), value);
        }
        case SettingType::bytes: {
            FL_TRY(const std::uint64_t value, faultline::parse_bytes(word));
            return in_range(
                setting, word, static_cast<double>(value), static_cast<std::int64_t>(value));
        }
        case SettingType::share: {
            FL_TRY(const double value, faultline::parse_share(word));
            return in_range(setting, word, value, value);
        }
        case SettingType::boolean:
            return parse_boolean(word);
        case SettingType::choice:
            return parse_choice(setting, word);
        case SettingType::text:
        case SettingType::words:
            break;
    }
    return SettingValue(word);
}

}  // namespace

Result<SettingValue> parse_setting(const Setting& setting, const std::vector<std::string>& words) {
    if (setting.type == SettingType::words) {
        if (words.size() >= setting.words_min && words.size() <= setting.words_max)
            return SettingValue(words);
        return fail(fmt::format("needs {}, found {} word{}",
                                form_of(setting),
                                words.size(),
                                words.size() == 1 ? "" : "s"),
                    ErrorCode::invalid);
    }
    if (words.size() == 1) return parse_one(setting, words.front());
    if (words.empty())
        return fail(fmt::format("needs a value: {}", form_of(setting)), ErrorCode::invalid);
    return fail(
        fmt::format("takes one value, found {} (\"{}\"); put quotes round a value with blanks",
                    words.size(),
                    fmt::join(words, "\", \"")),
        ErrorCode::invalid);
}

std::string form_of(const Setting& setting) {
    if (!setting.form.empty()) return setting.form;
    switch (setting.type) {
        case SettingType::integer:
            return "<number>";
        case SettingType::duration:
            return "<duration>";
        case SettingType::bytes:
            return "<size>";
        case SettingType::boolean:
            return "yes|no";
        case SettingType::text:
            return "<text>";
        case SettingType::choice:
            return fmt::format("{}", fmt::join(setting.choices, "|"));
        case SettingType::share:
            return "<share>";
        case SettingType::words:
            break;
    }
    return "<words>";
}

std::string range_of(const Setting& setting) {
    if (!setting.choices.empty()) return fmt::format("{}", fmt::join(setting.choices, ", "));
    const bool low = std::isfinite(setting.minimum);
    const bool high = std::isfinite(setting.maximum);
    if (low && high) {
        return spell_bound(setting.type, setting.minimum) + " to " +
               spell_bound(setting.type, setting.maximum);
    }
    if (low) return "at least " + spell_bound(setting.type, setting.minimum);
    if (high) return "at most " + spell_bound(setting.type, setting.maximum);
    return "";
}

}  // namespace ftcore
