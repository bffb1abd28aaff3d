// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {
namespace {

/// Whether the scenario has what a measure is made from. Answers what is missing, or nothing.
std::string missing_for(const Expectation& expectation,
                        const Scenario& scenario,
                        const Catalog& catalog) {
    const std::string& metric = expectation.metric;
    const bool counts = expectation.shape == MeasureShape::count;
    if (!counts && scenario.faults.empty()) return "needs a fault; the scenario has no \"faults\"";
    const bool of_load = metric == "recovery_time" || metric == "downtime" ||
                         metric == "success_rate" || metric == "recovered" || metric == "masked" ||
                         metric == "lost_writes" || metric == "unknown_writes" ||
                         metric == "stale_reads";
    if (of_load && !scenario.load) return "needs operations; the scenario has no \"load\"";
    if (metric == "lost_writes" || metric == "unknown_writes" || metric == "stale_reads") {
        const Kind* driver = find_kind(catalog.drivers, scenario.load->driver);
        if (driver != nullptr && !driver->checks_writes) {
            return fmt::format("needs a driver that reads writes back; {} does not", driver->name);
        }
    }
    const bool of_detection =
        metric == "detection_time" || metric == "detected" || metric == "false_detections";
    if (of_detection && scenario.detection.empty()) {
        return "needs a signal; the scenario has no \"detection\"";
    }
    if (metric == "redundancy_time" && !scenario.redundancy) {
        return "needs \"redundancy\": {}, so that the harness waits for it";
    }
    return "";
}

bool is_injection(const Scenario& scenario, const std::string& id) {
    for (const FaultSpec& fault : scenario.faults) {
        if (fault.id == id) return true;
    }
    return false;
}

}  // namespace

void decode_expectations(const Node* node, DecodeContext& context, Scenario& scenario) {
    for (const auto& [text, item] : decode_lines(node, context)) {
        auto expectation = parse_expectation(text);
        if (!expectation) {
            context.mistakes.add(item->place, expectation.error().message);
            continue;
        }
        if (!expectation->injection.empty() && !is_injection(scenario, expectation->injection)) {
            context.mistakes.add(
                item->place,
                fmt::format("no fault has the id \"{}\"{}",
                            expectation->injection,
                            suggest(expectation->injection, context.names.injection_ids())));
        }
        if (const auto missing = missing_for(*expectation, scenario, context.catalog);
            !missing.empty()) {
            context.mistakes.add(item->place, fmt::format("{} {}", expectation->metric, missing));
        }
        scenario.expectations.push_back(std::move(*expectation));
    }
}

}  // namespace faultline
