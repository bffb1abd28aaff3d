// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/benchmark_flags.hpp"

#include <algorithm>
#include <charconv>
#include <regex>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/nearest.hpp"

namespace faultline::cli {
namespace {

enum class ValueKind { choice, switched, text, pattern, whole, number };

struct Flag {
    std::string name;
    ValueKind kind = ValueKind::text;
    std::vector<std::string> choices{};
};

const std::vector<Flag>& flags() {
    static const std::vector<std::string> formats{"console", "json", "csv"};
    static const std::vector<Flag> all{
        {"--benchmark_list_tests", ValueKind::switched},
        {"--benchmark_filter", ValueKind::pattern},
        {"--benchmark_min_time", ValueKind::number},
        {"--benchmark_min_warmup_time", ValueKind::number},
        {"--benchmark_repetitions", ValueKind::whole},
        {"--benchmark_enable_random_interleaving", ValueKind::switched},
        {"--benchmark_report_aggregates_only", ValueKind::switched},
        {"--benchmark_display_aggregates_only", ValueKind::switched},
        {"--benchmark_format", ValueKind::choice, formats},
        {"--benchmark_out", ValueKind::text},
        {"--benchmark_out_format", ValueKind::choice, formats},
        {"--benchmark_color", ValueKind::choice, {"auto", "true", "false", "yes", "no"}},
        {"--benchmark_counters_tabular", ValueKind::switched},
        {"--benchmark_context", ValueKind::text},
        {"--benchmark_perf_counters", ValueKind::text},
        {"--benchmark_time_unit", ValueKind::choice, {"ns", "us", "ms", "s"}},
        {"--v", ValueKind::whole},
    };
    return all;
}

std::vector<std::string> known_names() {
    std::vector<std::string> names{"--set", "--trials", "--seed", "--chart", "--out", "--help"};
    for (const Flag& flag : flags())
        names.push_back(flag.name);
    return names;
}

template <class Number>
bool is_number(const std::string& text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
}

bool is_pattern(const std::string& text) {
    try {
        // A leading '-' asks for what does not match.
        const std::regex pattern(text.starts_with('-') ? text.substr(1) : text,
                                 std::regex::extended);
        return true;
    } catch (const std::regex_error&) {
        return false;
    }
}

Result<> wrong(const Flag& flag, const std::string& value, const std::string& wanted) {
    return fail(fmt::format("{}={}: {}", flag.name, value, wanted), ErrorCode::invalid);
}

Result<> check_value(const Flag& flag, const std::string& value) {
    switch (flag.kind) {
        case ValueKind::choice:
            if (std::ranges::count(flag.choices, value) == 0)
                return wrong(
                    flag, value, fmt::format("it is one of {}", fmt::join(flag.choices, ", ")));
            return {};
        case ValueKind::whole:
            if (!is_number<int>(value)) return wrong(flag, value, "it is a whole number");
            return {};
        case ValueKind::number:
            if (!is_number<double>(value)) return wrong(flag, value, "it is a number of seconds");
            return {};
        case ValueKind::pattern:
            if (!is_pattern(value)) return wrong(flag, value, "it is a regular expression");
            return {};
        case ValueKind::text:
        case ValueKind::switched:
            return {};
    }
    return {};
}

}  // namespace

Result<> check_benchmark_flags(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const auto flag =
            std::ranges::find_if(flags(), [&](const Flag& each) { return each.name == name; });
        if (flag == flags().end()) {
            return fail(fmt::format("unknown flag {}{}", name, suggestion(name, known_names())),
                        ErrorCode::invalid);
        }
        if (equals == std::string::npos) {
            if (flag->kind == ValueKind::switched) continue;
            return fail(fmt::format("{} has no value; write {}=...", name, name),
                        ErrorCode::invalid);
        }
        FL_TRY_VOID(check_value(*flag, word.substr(equals + 1)));
    }
    return {};
}

std::string benchmark_flag(const std::vector<std::string>& words,
                           const std::string& name,
                           const std::string& standard) {
    std::string value = standard;
    for (const std::string& word : words) {
        if (word == name) value = "true";
        if (word.starts_with(name + "=")) value = word.substr(name.size() + 1);
    }
    return value;
}

}  // namespace faultline::cli
