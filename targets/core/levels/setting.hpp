// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace ftcore {

/// How a setting is written and what it becomes.
enum class SettingType : std::uint8_t {
    integer,   // 3 → std::int64_t
    duration,  // 150ms → Duration
    bytes,     // 64KiB → std::int64_t
    boolean,   // yes, no → bool
    text,      // anything → std::string
    choice,    // one of `choices` → std::string
    share,     // 95% or 0.95 → double in [0, 1]
    words      // several → std::vector<std::string>
};

using SettingValue = std::
    variant<bool, std::int64_t, double, faultline::Duration, std::string, std::vector<std::string>>;

/// One row of a table of settings: the reader, the help and the commented example all come from it.
struct Setting {
    std::string name;  // "sync-period"
    SettingType type = SettingType::text;
    std::string help;             // one sentence
    std::string default_value{};  // as it would be written; empty: none
    bool required = false;
    bool repeatable = false;
    double minimum = -std::numeric_limits<double>::infinity();  // in the value's unit: ns, bytes
    double maximum = std::numeric_limits<double>::infinity();
    std::vector<std::string> choices{};
    std::string form{};     // what stands for the value in help: "<id> <host:port>"; empty: by type
    std::string example{};  // a value to copy, where there is no default
    std::string section{};  // heading above it and its neighbours of the same section
    std::size_t words_min = 1;  // of type words
    std::size_t words_max = 1024;
};

using SettingTable = std::vector<Setting>;

/// A value from its words. Errors: what is wrong with it and how to write it, without name or
/// place.
[[nodiscard]] faultline::Result<SettingValue> parse_setting(const Setting& setting,
                                                            const std::vector<std::string>& words);

/// "duration", "yes or no", "<id> <host:port>": what stands for the value in help.
[[nodiscard]] std::string form_of(const Setting& setting);
/// "1ms to 10s", "at least 1", "high, medium, low"; empty when everything goes.
[[nodiscard]] std::string range_of(const Setting& setting);

}  // namespace ftcore
