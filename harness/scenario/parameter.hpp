// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/base/time.hpp"

namespace faultline {

/// How a parameter is written in JSON and what it becomes.
enum class ParameterType {
    boolean,   // true → bool
    integer,   // 3 → std::int64_t
    number,    // 0.5 → double
    share,     // "95%" or 0.95 → double in [0, 1]
    duration,  // "150ms" → Duration
    rate,      // "2000/s" → double, per second
    bytes,     // "64KiB" → std::int64_t
    text,      // "abc" → std::string; templates are expanded when the trial starts
    pattern,   // a regular expression (RE2 syntax) → std::string
    choice,    // one of `choices` → std::string
    signal,    // "KILL", "SIGTERM" or a number → std::int64_t
    selector,  // "kv@primary" → std::string, validated
    port,      // the name of one of the target's ports → std::string
    target,    // the name of a target → std::string
    texts,     // ["a", "b"] → std::vector<std::string>, templates expanded
    groups,  // ["kv[0],load", "kv[1]"] → std::vector<std::string>, each some selectors, validated
    weights,  // {"set": 0.5, "get": 0.5}, keys from `choices` → std::map<std::string, double>
    fields,   // {"cause": "crash"} → std::map<std::string, std::string>, templates expanded
};

/// One row of a parameter table: parsing, validation, did-you-mean, the JSON Schema, `faultline
/// list` and the reference in scenarios/README.md all come from it.
struct Parameter {
    std::string name;
    ParameterType type = ParameterType::text;
    std::string help;             // one line
    std::string default_value{};  // as it would be written in JSON without quotes; empty: none
    bool required = false;
    double minimum =
        -std::numeric_limits<double>::infinity();  // in the type's own unit: ns, /s, bytes
    double maximum = std::numeric_limits<double>::infinity();
    std::vector<std::string> choices{};
};

using ParameterTable = std::vector<Parameter>;

using ParameterValue = std::variant<bool,
                                    std::int64_t,
                                    double,
                                    Duration,
                                    std::string,
                                    std::vector<std::string>,
                                    std::map<std::string, double>,
                                    std::map<std::string, std::string>>;

/// The decoded parameters of one fault, driver or probe: those written and those with a default.
class Parameters {
  public:
    void set(const std::string& name, ParameterValue value) { values_[name] = std::move(value); }
    [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }

    /// The value of a parameter that is required or has a default.
    /// Requires: it is there with this type; the table's owner knows (aborts otherwise).
    template <class T>
    [[nodiscard]] const T& get(const std::string& name) const;
    /// The value of a parameter that may be absent.
    template <class T>
    [[nodiscard]] std::optional<T> find(const std::string& name) const;

    [[nodiscard]] const std::map<std::string, ParameterValue>& all() const { return values_; }
    [[nodiscard]] std::map<std::string, ParameterValue>& all() { return values_; }

  private:
    [[nodiscard]] const ParameterValue& at(const std::string& name) const;  // aborts when absent
    [[noreturn]] static void wrong_type(const std::string& name);
    std::map<std::string, ParameterValue> values_;
};

/// "duration", "whole number", "list of texts": for people.
[[nodiscard]] std::string describe_type(const Parameter& parameter);
/// "1ms to 10min", "at least 1", "set, get"; empty when everything goes.
[[nodiscard]] std::string describe_range(const Parameter& parameter);

template <class T>
const T& Parameters::get(const std::string& name) const {
    const T* value = std::get_if<T>(&at(name));
    if (value == nullptr) wrong_type(name);
    return *value;
}

template <class T>
std::optional<T> Parameters::find(const std::string& name) const {
    if (!has(name)) return std::nullopt;
    return get<T>(name);
}

}  // namespace faultline
