// SPDX-License-Identifier: Apache-2.0
// What is printed validates against the published schema, and the schema knows every field of it.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/reports/comparison_sample.hpp"
#include "tests/unit/result/schema_check.hpp"

namespace faultline::reports {
namespace {

using nlohmann::json;

TEST(JsonComparison, KeepsToItsSchema) {
    const json schema = schema_named("comparison-1");
    for (const Change change :
         {Change::better, Change::same, Change::worse, Change::inconclusive}) {
        ComparisonReport report = sample_comparison();
        report.comparison.change = change;
        const json document = json::parse(rendered_comparison("json", report));
        EXPECT_EQ(complaints(schema, document), "");
        EXPECT_EQ(undescribed(schema, document), "");
    }
    EXPECT_EQ(complaints(schema, json::parse(rendered_comparison("json", ComparisonReport{}))), "");
}

TEST(JsonComparison, HasWholeNanosecondsAndNullsForOpenEnds) {
    const json document = json::parse(rendered_comparison("json", sample_comparison()));
    EXPECT_EQ(document["change"], "worse");
    EXPECT_EQ(document["exit_code"], 1);
    EXPECT_EQ(document["compared_anyway"], false);
    const json& recovery = document["measures"][1];
    EXPECT_EQ(recovery["base"]["value_ns"], 1'380'000'000);
    EXPECT_EQ(recovery["shift_interval_ns"], json::parse("[207000000, null]"));
    EXPECT_EQ(recovery["trials_needed"], json());
    EXPECT_EQ(document["measures"][3]["trials_needed"], 145);
    EXPECT_EQ(document["measures"][4]["shift_interval"], json::parse("[null, null]"));
}

TEST(JsonComparison, SchemaRejectsWhatIsNotAComparison) {
    const json schema = schema_named("comparison-1");
    json document = json::parse(rendered_comparison("json", sample_comparison()));
    document["measures"][0]["change"] = "slower";
    EXPECT_NE(complaints(schema, document), "");
    EXPECT_NE(complaints(schema, json::object()), "");
}

}  // namespace
}  // namespace faultline::reports
