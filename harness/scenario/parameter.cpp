// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/parameter.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace faultline {
namespace {

/// A bound as it would be written in a scenario.
std::string spell_bound(ParameterType type, double bound) {
    switch (type) {
        case ParameterType::duration:
            return spell_duration(Duration(std::llround(bound)));
        case ParameterType::rate:
            return fmt::format("{}/s", bound);
        case ParameterType::bytes:
            return format_bytes(static_cast<std::uint64_t>(bound));
        case ParameterType::share:
            return fmt::format("{}%", bound * 100);
        case ParameterType::integer:
            return fmt::format("{:.0f}", bound);
        case ParameterType::boolean:
        case ParameterType::number:
        case ParameterType::text:
        case ParameterType::pattern:
        case ParameterType::choice:
        case ParameterType::signal:
        case ParameterType::selector:
        case ParameterType::port:
        case ParameterType::target:
        case ParameterType::texts:
        case ParameterType::groups:
        case ParameterType::weights:
        case ParameterType::fields:
            break;
    }
    return fmt::format("{}", bound);
}

}  // namespace

const ParameterValue& Parameters::at(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
        std::fprintf(stderr, "faultline: parameter \"%s\" is absent\n", name.c_str());
        check_failed("the parameter is required or has a default");
    }
    return found->second;
}

void Parameters::wrong_type(const std::string& name) {
    std::fprintf(stderr, "faultline: parameter \"%s\" has another type\n", name.c_str());
    check_failed("the parameter is read with the type of its table");
}

std::string describe_type(const Parameter& parameter) {
    switch (parameter.type) {
        case ParameterType::boolean:
            return "true or false";
        case ParameterType::integer:
            return "whole number";
        case ParameterType::number:
            return "number";
        case ParameterType::share:
            return "share";
        case ParameterType::duration:
            return "duration";
        case ParameterType::rate:
            return "rate";
        case ParameterType::bytes:
            return "size";
        case ParameterType::text:
            return "text";
        case ParameterType::pattern:
            return "regular expression";
        case ParameterType::choice:
            return "choice";
        case ParameterType::signal:
            return "signal";
        case ParameterType::selector:
            return "selector";
        case ParameterType::port:
            return "port name";
        case ParameterType::target:
            return "target name";
        case ParameterType::texts:
            return "list of texts";
        case ParameterType::groups:
            return "list of groups";
        case ParameterType::weights:
            return "weights";
        case ParameterType::fields:
            return "fields";
    }
    return "";
}

std::string describe_range(const Parameter& parameter) {
    if (!parameter.choices.empty()) return fmt::format("{}", fmt::join(parameter.choices, ", "));
    const bool low = std::isfinite(parameter.minimum);
    const bool high = std::isfinite(parameter.maximum);
    if (low && high) {
        return spell_bound(parameter.type, parameter.minimum) + " to " +
               spell_bound(parameter.type, parameter.maximum);
    }
    if (low) return "at least " + spell_bound(parameter.type, parameter.minimum);
    if (high) return "at most " + spell_bound(parameter.type, parameter.maximum);
    return "";
}

}  // namespace faultline
