// SPDX-License-Identifier: Apache-2.0
#include "reports/recovery_condition.hpp"

#include <nlohmann/json.hpp>

#include "harness/base/units.hpp"

namespace faultline::reports {
namespace {

std::optional<Duration> span_in(const nlohmann::json& section, const char* name) {
    const auto found = section.find(name);
    if (found == section.end() || !found->is_string()) return std::nullopt;
    const auto span = parse_duration(found->get_ref<const std::string&>());
    return span ? std::optional(*span) : std::nullopt;
}

std::optional<double> share_in(const nlohmann::json& section, const char* name) {
    const auto found = section.find(name);
    if (found == section.end()) return std::nullopt;
    if (found->is_number()) return found->get<double>();
    if (!found->is_string()) return std::nullopt;
    const auto share = parse_share(found->get_ref<const std::string&>());
    return share ? std::optional(*share) : std::nullopt;
}

}  // namespace

ConditionSpec recovery_condition(const RunRecord& run) {
    ConditionSpec condition;
    const auto scenario = nlohmann::json::parse(run.scenario_json, nullptr, false);
    if (!scenario.is_object()) return condition;
    const auto section = scenario.find("recovery");
    if (section == scenario.end() || !section->is_object()) return condition;
    condition.success_rate = share_in(*section, "success_rate").value_or(condition.success_rate);
    condition.latency = span_in(*section, "latency");
    condition.window = span_in(*section, "for").value_or(condition.window);
    condition.within = span_in(*section, "within").value_or(condition.within);
    return condition;
}

}  // namespace faultline::reports
