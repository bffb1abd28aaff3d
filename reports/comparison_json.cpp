// SPDX-License-Identifier: Apache-2.0
// Published as scenarios/schema/comparison-1.schema.json.
#include <array>

#include "harness/result/json_fields.hpp"
#include "reports/comparison_text.hpp"

namespace faultline::reports {
namespace {

constexpr int comparison_version = 1;
constexpr int pretty_indent = 2;

void run_fields(JsonFields& json, ComparedRun& run) {
    json.field("given", run.given);
    json.field("run", run.run);
    json.field("started", run.started);
    json.field("faultline_version", run.version);
    json.field("trials", run.trials);
    json.field("left_out", run.left_out);
}

/// A value in nanoseconds says so in its name.
void value_field(JsonFields& json,
                 bool span,
                 const char* name,
                 const char* name_ns,
                 std::optional<double>& value) {
    span ? json.nanoseconds(name_ns, value) : json.field(name, value);
}

void measure_fields(JsonFields& json, MeasureComparison& measure) {
    const bool span = measure.unit == MeasureComparison::Unit::span;
    json.field("name", measure.name);
    std::string unit(name_of(measure.unit));
    json.field("unit", unit);
    std::string change(name_of(measure.change));
    json.field("change", change);
    json.field("explanation", measure.explanation);
    json.object("base", [&](JsonFields& inside) {
        inside.field("n", measure.base_n);
        inside.field("censored", measure.base_censored);
        value_field(inside, span, "value", "value_ns", measure.base_value);
    });
    json.object("head", [&](JsonFields& inside) {
        inside.field("n", measure.head_n);
        inside.field("censored", measure.head_censored);
        value_field(inside, span, "value", "value_ns", measure.head_value);
    });
    value_field(json, span, "shift", "shift_ns", measure.shift);
    if (span) {
        json.nanoseconds("shift_interval_ns", measure.shift_interval);
        json.field("relative_shift", measure.relative_shift);
        json.field("relative_interval", measure.relative_interval);
    } else {
        json.field("shift_interval", measure.shift_interval);
    }
    json.field("p", measure.p);
    json.field("p_worse", measure.p_worse);
    json.field("p_better", measure.p_better);
    json.field("trials_needed", measure.trials_needed);
}

void mismatch_fields(JsonFields& json, Mismatch& mismatch) {
    json.field("what", mismatch.what);
    json.field("base", mismatch.base);
    json.field("head", mismatch.head);
    json.field("serious", mismatch.serious);
}

std::string render_json_comparison(const ComparisonReport& report, const RenderOptions&) {
    JsonFields json = JsonFields::to_write();
    ComparisonReport copy = report;
    RunComparison& comparison = copy.comparison;
    int version = comparison_version;
    json.field("version", version);
    json.field("scenario", copy.scenario);
    std::string change(name_of(comparison.change));
    json.field("change", change);
    int exit_code = exit_code_of(outcome_of(comparison.change));
    json.field("exit_code", exit_code);
    json.field("reason", comparison.reason);
    json.field("effect", comparison.options.effect);
    json.field("confidence", comparison.options.confidence);
    json.object("base", [&](JsonFields& inside) { run_fields(inside, copy.base); });
    json.object("head", [&](JsonFields& inside) { run_fields(inside, copy.head); });
    bool anyway = !say_warning(report).empty();
    json.field("compared_anyway", anyway);
    json.list("mismatches", copy.mismatches, mismatch_fields);
    json.list("measures", comparison.measures, measure_fields);
    return json.text(pretty_indent) + "\n";
}

}  // namespace

[[nodiscard]] ComparisonRenderer json_comparison_renderer();
ComparisonRenderer json_comparison_renderer() {
    return {"json", render_json_comparison};
}

}  // namespace faultline::reports
