// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/parameter_values.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <re2/re2.h>
#include <set>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace faultline {
namespace {

constexpr int signal_max = 64;

std::optional<double> number_of(const Node& node) {
    if (const auto* value = std::get_if<std::int64_t>(&node.value))
        return static_cast<double>(*value);
    if (const auto* value = std::get_if<std::uint64_t>(&node.value))
        return static_cast<double>(*value);
    if (const auto* value = std::get_if<double>(&node.value)) return *value;
    return std::nullopt;
}

/// 3 and 3.0 (as JSON Schema has it), not 3.5.
std::optional<std::int64_t> whole_number_of(const Node& node) {
    constexpr double exact_max = 9007199254740992.0;  // 2^53: every whole double below is exact
    if (const auto* value = std::get_if<std::int64_t>(&node.value)) return *value;
    if (const auto* value = std::get_if<double>(&node.value)) {
        if (std::fabs(*value) <= exact_max && std::trunc(*value) == *value) {
            return static_cast<std::int64_t>(*value);
        }
    }
    return std::nullopt;
}

std::vector<std::string> signal_names() {
    std::vector<std::string> names;
    for (int number = 1; number <= signal_max; ++number) {
        if (auto name = signal_name(number); !name.empty()) names.push_back(std::move(name));
    }
    return names;
}

std::optional<std::int64_t> signal_number(std::string_view name) {
    if (name.starts_with("SIG")) name.remove_prefix(3);
    for (int number = 1; number <= signal_max; ++number) {
        if (const auto known = signal_name(number); !known.empty() && known == name) return number;
    }
    return std::nullopt;
}

/// Decodes one value; every function reports its own mistake and then answers nothing.
class ValueDecoder {
  public:
    ValueDecoder(const Parameter& parameter, const Node& node, const ValueContext& context)
        : parameter_(parameter), node_(node), context_(context) {}

    std::optional<ParameterValue> decode() {
        switch (parameter_.type) {
            case ParameterType::boolean:
                return boolean();
            case ParameterType::integer:
                return integer();
            case ParameterType::number:
                return number();
            case ParameterType::share:
                return share();
            case ParameterType::duration:
                return quantity("durations", "5ms", "ms", parse_duration);
            case ParameterType::rate:
                return quantity("rates", "2000/s", "/s", parse_rate);
            case ParameterType::bytes:
                return quantity("sizes", "64KiB", "KiB", parse_bytes);
            case ParameterType::text:
                return wrapped(decode_text(node_, context_));
            case ParameterType::pattern:
                return pattern();
            case ParameterType::choice:
                return choice();
            case ParameterType::signal:
                return signal();
            case ParameterType::selector:
                return selector();
            case ParameterType::port:
                return reference([this](const std::string& name) {
                    return check_port(name, *context_.names, context_.scope);
                });
            case ParameterType::target:
                return reference([this](const std::string& name) {
                    return check_selector(Selector{.text = name, .target = name}, *context_.names);
                });
            case ParameterType::texts:
                return texts();
            case ParameterType::groups:
                return groups();
            case ParameterType::weights:
                return weights();
            case ParameterType::fields:
                return fields();
        }
        return std::nullopt;
    }

  private:
    using Decoded = std::optional<ParameterValue>;

    template <class T>
    static Decoded wrapped(std::optional<T> value) {
        if (!value) return std::nullopt;
        return ParameterValue(std::move(*value));
    }
    Decoded wrong(const std::string& message) { return wrong(node_, message); }
    Decoded wrong(const Node& node, const std::string& message) {
        context_.mistakes.add(node.place, message);
        return std::nullopt;
    }
    Decoded expected(std::string_view what) {
        return wrong(fmt::format("expected {}, found {}", what, describe(node_)));
    }
    Decoded in_range(double value, ParameterValue decoded) {
        if (value >= parameter_.minimum && value <= parameter_.maximum) return decoded;
        return wrong(
            fmt::format("{} is out of range: {}", describe(node_), describe_range(parameter_)));
    }

    Decoded boolean() {
        if (const bool* value = std::get_if<bool>(&node_.value)) return *value;
        return expected("true or false");
    }
    Decoded integer() {
        if (const auto value = whole_number_of(node_)) {
            return in_range(static_cast<double>(*value), *value);
        }
        if (std::holds_alternative<std::uint64_t>(node_.value)) {
            return wrong(describe(node_) + " is too large");
        }
        return expected("a whole number");
    }
    Decoded number() {
        if (const auto value = number_of(node_)) return in_range(*value, *value);
        return expected("a number");
    }
    Decoded share() {
        if (const auto value = number_of(node_)) {
            if (*value >= 0 && *value <= 1) return in_range(*value, *value);
            return wrong(fmt::format(
                "{} is out of range: a share is a number from 0 to 1 or a text such as \"95%\"",
                describe(node_)));
        }
        if (node_.text() == nullptr) return expected("a share such as \"95%\" or 0.95");
        const auto value = parse_share(*node_.text());
        if (!value) return wrong(value.error().message);
        return in_range(*value, *value);
    }

    template <class Parse>
    Decoded quantity(std::string_view what,
                     std::string_view example,
                     std::string_view unit,
                     const Parse& parse) {
        if (const auto bare = number_of(node_)) {
            return wrong(
                fmt::format("{} carry a unit: write \"{}{}\"", what, *bare < 0 ? 5 : *bare, unit));
        }
        if (node_.text() == nullptr) {
            return expected(fmt::format("a text with a unit such as \"{}\"", example));
        }
        const auto value = parse(*node_.text());
        if (!value) return wrong(value.error().message);
        return ranged(*value);
    }
    Decoded ranged(Duration value) { return in_range(static_cast<double>(value.count()), value); }
    Decoded ranged(double value) { return in_range(value, value); }
    Decoded ranged(std::uint64_t value) {
        return in_range(static_cast<double>(value), static_cast<std::int64_t>(value));
    }

    Decoded pattern() {
        if (node_.text() == nullptr) return expected("a regular expression");
        const re2::RE2 compiled(*node_.text(), re2::RE2::Quiet);
        if (compiled.ok()) return *node_.text();
        return wrong("not a regular expression (RE2 syntax): " + compiled.error());
    }
    Decoded choice() {
        if (node_.text() == nullptr) return expected("one of " + describe_range(parameter_));
        const auto& choices = parameter_.choices;
        if (std::find(choices.begin(), choices.end(), *node_.text()) != choices.end()) {
            return *node_.text();
        }
        return wrong(fmt::format("unknown {} {}{}",
                                 parameter_.name,
                                 quoted(*node_.text()),
                                 suggest(*node_.text(), choices)));
    }
    Decoded signal() {
        if (const auto value = whole_number_of(node_)) {
            if (*value >= 1 && *value <= signal_max) return *value;
            return wrong(
                fmt::format("{} is no signal: they go from 1 to {}", describe(node_), signal_max));
        }
        if (node_.text() == nullptr) return expected("a signal such as \"KILL\" or 9");
        if (const auto value = signal_number(*node_.text())) return *value;
        return wrong(fmt::format(
            "unknown signal {}{}", quoted(*node_.text()), suggest(*node_.text(), signal_names())));
    }
    Decoded selector() {
        const auto selector = decode_selector(node_, context_);
        if (!selector) return std::nullopt;
        return selector->text;
    }
    template <class Check>
    Decoded reference(const Check& check) {
        if (node_.text() == nullptr) return expected("a name");
        if (context_.names != nullptr) {
            if (const auto known = check(*node_.text()); !known)
                return wrong(known.error().message);
        }
        return *node_.text();
    }

    Decoded texts() {
        if (node_.array() == nullptr) return expected("an array of texts");
        std::vector<std::string> decoded;
        bool good = true;
        for (const Node& item : *node_.array()) {
            auto text = decode_text(item, context_);
            good = good && text.has_value();
            if (text) decoded.push_back(std::move(*text));
        }
        if (!good) return std::nullopt;
        if (parameter_.required && decoded.empty())
            return wrong("at least one text is needed here");
        return decoded;
    }
    Decoded groups() {
        if (node_.array() == nullptr) {
            return expected("an array of groups such as [\"kv@primary, load\", \"kv@secondary\"]");
        }
        std::vector<std::string> decoded;
        bool good = true;
        for (const Node& item : *node_.array()) {
            const auto group = decode_group(item, context_);
            good = good && group.has_value();
            if (group) decoded.push_back(*group);
        }
        if (!good) return std::nullopt;
        if (parameter_.required && decoded.empty())
            return wrong("at least one group is needed here");
        return decoded;
    }
    Decoded weights() {
        if (node_.object() == nullptr) return expected("an object of names and weights");
        std::map<std::string, double> decoded;
        const auto& choices = parameter_.choices;
        bool good = true;
        double sum = 0;
        for (const auto& [key, key_place, value] : *node_.object()) {
            if (!choices.empty() &&
                std::find(choices.begin(), choices.end(), key) == choices.end()) {
                context_.mistakes.add(
                    key_place,
                    fmt::format(
                        "unknown {} {}{}", parameter_.name, quoted(key), suggest(key, choices)));
                good = false;
            }
            const auto weight = number_of(value);
            if (!weight || !(*weight >= 0)) {
                wrong(value,
                      fmt::format("a weight is a number from 0 on, found {}", describe(value)));
                good = false;
            } else {
                decoded[key] = *weight;
                sum += *weight;
            }
        }
        if (!good) return std::nullopt;
        if (!(sum > 0) || !std::isfinite(sum)) return wrong("at least one weight must be above 0");
        return decoded;
    }
    Decoded fields() {
        if (node_.object() == nullptr) return expected("an object of field names and values");
        std::map<std::string, std::string> decoded;
        bool good = true;
        for (const auto& [key, key_place, value] : *node_.object()) {
            const auto text = decode_scalar(value, context_);
            good = good && text.has_value();
            if (text) decoded[key] = *text;
        }
        if (!good) return std::nullopt;
        return decoded;
    }

    static std::string quoted(const std::string& text) {
        std::string quoted = describe(Node{text});  // shortened
        return quoted.substr(quoted.find('"'));
    }

    const Parameter& parameter_;
    const Node& node_;
    const ValueContext& context_;
};

}  // namespace

std::optional<ParameterValue> decode_value(const Parameter& parameter,
                                           const Node& node,
                                           const ValueContext& context) {
    return ValueDecoder(parameter, node, context).decode();
}

std::optional<ParameterValue> default_of(const Parameter& parameter) {
    if (parameter.default_value.empty()) return std::nullopt;
    // As in JSON, but texts go without quotes.
    Node node{parameter.default_value};
    if (parameter.type != ParameterType::text && parameter.type != ParameterType::pattern) {
        ParsedText parsed = parse_document(parameter.default_value, 0);
        if (parsed.complete) node = std::move(parsed.root);
    }
    Mistakes mistakes;
    return decode_value(parameter, node, ValueContext{.mistakes = mistakes});
}

Result<> check_parameters(const ParameterTable& table) {
    std::set<std::string> names;
    for (const Parameter& parameter : table) {
        const std::string about = fmt::format("parameter \"{}\"", parameter.name);
        if (!names.insert(parameter.name).second) return fail(about + " is there twice");
        if (parameter.help.empty()) return fail(about + " has no help");
        if (parameter.type == ParameterType::choice && parameter.choices.empty()) {
            return fail(about + " has no choices");
        }
        if (parameter.required && !parameter.default_value.empty()) {
            return fail(about + " is required and has a default: one of them is wrong");
        }
        if (!parameter.default_value.empty() && !default_of(parameter)) {
            return fail(
                fmt::format("{}: the default {} is not valid", about, parameter.default_value));
        }
    }
    return {};
}

std::string signal_name(int number) {
    const char* name = sigabbrev_np(number);
    return name == nullptr ? "" : name;
}

}  // namespace faultline
