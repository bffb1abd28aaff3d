// SPDX-License-Identifier: Apache-2.0
#include "reports/openmetrics_text.hpp"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "reports/plain.hpp"

namespace faultline::reports {
namespace {

std::string escaped(std::string_view text) {
    std::string result;
    for (const char letter : plain(text)) {
        if (letter == '\\' || letter == '"') result += '\\';
        result += letter;
    }
    return result;
}

std::string say_number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{:.12g}", value);
}

}  // namespace

OpenMetricsLabels openmetrics_labels(const std::string& scenario,
                                     const std::map<std::string, std::string>& parameters) {
    OpenMetricsLabels labels{{"scenario", scenario}};
    std::string joined;
    for (const auto& [name, value] : parameters)
        joined += (joined.empty() ? "" : ",") + name + "=" + value;
    if (!joined.empty()) labels.emplace_back("parameters", joined);
    return labels;
}

void OpenMetricsText::family(const OpenMetricsFamily& family) {
    head_ = fmt::format("# TYPE {} {}\n", family.name, family.type);
    if (*family.unit != '\0') head_ += fmt::format("# UNIT {} {}\n", family.name, family.unit);
    head_ += fmt::format("# HELP {} {}\n", family.name, escaped(family.help));
    name_ = family.name;
}

void OpenMetricsText::sample(const char* suffix, const OpenMetricsLabels& labels, double value) {
    text_ += head_;
    head_.clear();
    std::string list;
    for (const OpenMetricsLabels* part : {&std::as_const(common_), &labels}) {
        for (const auto& [name, content] : *part)
            list += fmt::format("{}{}=\"{}\"", list.empty() ? "" : ",", name, escaped(content));
    }
    text_ +=
        name_ + suffix + (list.empty() ? "" : "{" + list + "}") + " " + say_number(value) + "\n";
}

}  // namespace faultline::reports
