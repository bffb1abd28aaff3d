// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/parameter_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"

namespace faultline {
namespace {

/// One overload for what each kind of value is in C++.
struct Speller {
    ParameterType type;

    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const {
        return type == ParameterType::bytes ? format_bytes(static_cast<std::uint64_t>(value))
                                            : fmt::format("{}", value);
    }
    std::string operator()(double value) const {
        if (type == ParameterType::share) return fmt::format("{:g}%", value * 100);
        return fmt::format("{:g}{}", value, type == ParameterType::rate ? "/s" : "");
    }
    std::string operator()(Duration value) const { return spell_duration(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const std::vector<std::string>& values) const {
        return fmt::format("{}", fmt::join(values, ", "));
    }
    std::string operator()(const std::map<std::string, double>& weights) const {
        std::vector<std::string> words;
        for (const auto& [name, weight] : weights)
            words.push_back(fmt::format("{} {:g}", name, weight));
        return (*this)(words);
    }
    std::string operator()(const std::map<std::string, std::string>& fields) const {
        std::vector<std::string> words;
        for (const auto& [name, value] : fields)
            words.push_back(name + "=" + value);
        return (*this)(words);
    }
};

}  // namespace

std::string spell_value(ParameterType type, const ParameterValue& value) {
    return std::visit(Speller{type}, value);
}

}  // namespace faultline
