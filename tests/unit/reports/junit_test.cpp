// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

using testing::HasSubstr;

class JunitReport : public testing::Test {
  protected:
    pugi::xml_node suite_of(const RunRecord& run) {
        const std::string text = rendered("junit", run);
        // XML 1.0 section 2.2: none of these may stand in a document, not even as a reference.
        for (const char byte : text)
            EXPECT_TRUE(static_cast<unsigned char>(byte) >= 0x20 || byte == '\n');
        EXPECT_EQ(text.find("&#"), std::string::npos);
        const pugi::xml_parse_result parsed = document_.load_string(text.c_str());
        EXPECT_TRUE(parsed) << parsed.description();
        return document_.child("testsuites").child("testsuite");
    }
    static pugi::xml_node test_named(pugi::xml_node suite, const char* name) {
        return suite.find_child_by_attribute("testcase", "name", name);
    }
    static void expect_totals_to_match(pugi::xml_node suite) {
        int tests = 0, failures = 0, errors = 0, skipped = 0;
        for (const pugi::xml_node test : suite.children("testcase")) {
            ++tests;
            failures += test.child("failure") ? 1 : 0;
            errors += test.child("error") ? 1 : 0;
            skipped += test.child("skipped") ? 1 : 0;
        }
        EXPECT_EQ(suite.attribute("tests").as_int(), tests);
        EXPECT_EQ(suite.attribute("failures").as_int(), failures);
        EXPECT_EQ(suite.attribute("errors").as_int(), errors);
        EXPECT_EQ(suite.attribute("skipped").as_int(), skipped);
    }

    pugi::xml_document document_;
};

TEST_F(JunitReport, HasACaseForEachExpectationAndTrial) {
    const pugi::xml_node suite = suite_of(sample_run());
    EXPECT_STREQ(suite.attribute("name").value(), "sentinel-primary-crash");
    EXPECT_EQ(suite.attribute("tests").as_int(), 24);
    EXPECT_EQ(suite.attribute("failures").as_int(), 0);
    EXPECT_NEAR(suite.attribute("time").as_double(), 102, 1);
    expect_totals_to_match(suite);
    EXPECT_TRUE(test_named(suite, "detection_time.p95 <= 1500ms"));
    EXPECT_STREQ(test_named(suite, "trial 1 (fault)").attribute("time").value(), "4.636");
    const pugi::xml_node p95 =
        suite.child("properties").find_child_by_attribute("name", "detection_time.p95");
    EXPECT_STREQ(p95.attribute("value").value(), "1.06 s [1.06 s, open)");
}

TEST_F(JunitReport, FailsBrokenExpectationsAndSkipsUndecidedOnes) {
    const pugi::xml_node suite = suite_of(sample_failed_run());
    expect_totals_to_match(suite);
    EXPECT_EQ(suite.attribute("failures").as_int(), 1);
    EXPECT_EQ(suite.attribute("errors").as_int(), 0);
    EXPECT_EQ(suite.attribute("skipped").as_int(), 3);
    EXPECT_THAT(
        test_named(suite, "lost_writes.total == 0").child("failure").attribute("message").value(),
        HasSubstr("2 writes are lost"));
    EXPECT_THAT(test_named(suite, "recovery_time.p99 <= 3s @ 95%")
                    .child("skipped")
                    .attribute("message")
                    .value(),
                HasSubstr("trials needed: 299"));
    EXPECT_THAT(test_named(suite, "trial 3 (fault)").child("skipped").attribute("message").value(),
                HasSubstr("unhealthy: redis[1]"));
}

TEST_F(JunitReport, BlamesTrialsOnlyWhenTheVerdictDoes) {
    RunRecord run = sample_failed_run();
    run.summary->outcome = RunOutcome::unhealthy;
    const pugi::xml_node suite = suite_of(run);
    expect_totals_to_match(suite);
    EXPECT_TRUE(test_named(suite, "trial 3 (fault)").child("error"));
    EXPECT_TRUE(test_named(suite, "trial 5 (fault)").child("skipped"));
}

TEST_F(JunitReport, IsNeverGreenByBeingEmpty) {
    for (const RunRecord& run : {unfinished_run(), run_without_trials()}) {
        const pugi::xml_node suite = suite_of(run);
        expect_totals_to_match(suite);
        EXPECT_EQ(suite.attribute("errors").as_int(), 1);
    }
    RunRecord run = run_without_trials();
    run.summary->outcome = RunOutcome::fail;
    EXPECT_EQ(suite_of(run).attribute("failures").as_int(), 1);
    run.summary->outcome = RunOutcome::inconclusive;
    EXPECT_EQ(suite_of(run).attribute("skipped").as_int(), 1);
}

}  // namespace
}  // namespace faultline::reports
