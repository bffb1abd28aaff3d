// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

struct Sample {
    std::string name;
    std::map<std::string, std::string> labels{};
    double value = 0;
};

/// A strict reader of what OpenMetrics 1.0 allows us: families that do not interleave, TYPE before
/// UNIT before HELP before samples, known suffixes, no sample twice, "# EOF" and nothing after.
class Exposition {
  public:
    explicit Exposition(const std::string& text) {
        EXPECT_TRUE(text.ends_with("\n# EOF\n") || text == "# EOF\n");
        std::istringstream lines(text);
        std::string line;
        while (std::getline(lines, line)) {
            EXPECT_FALSE(ended_) << "after # EOF: " << line;
            if (line == "# EOF") {
                ended_ = true;
            } else if (line.starts_with("# ")) {
                read_metadata(line);
            } else {
                read_sample(line);
            }
        }
        EXPECT_TRUE(ended_);
    }
    [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
    [[nodiscard]] double value(const std::string& name,
                               const std::map<std::string, std::string>& labels) const {
        for (const Sample& sample : samples_) {
            bool match = sample.name == name;
            for (const auto& [label, text] : labels) {
                const auto found = sample.labels.find(label);
                match = match && found != sample.labels.end() && found->second == text;
            }
            if (match) return sample.value;
        }
        ADD_FAILURE() << "no sample " << name;
        return std::nan("");
    }

  private:
    void read_metadata(const std::string& line) {
        static const std::regex form(R"(# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+))");
        std::smatch parts;
        ASSERT_TRUE(std::regex_match(line, parts, form)) << line;
        const std::string keyword = parts[1], name = parts[2], value = parts[3];
        if (keyword == "TYPE") {
            EXPECT_TRUE(families_.insert(name).second) << "family twice: " << name;
            EXPECT_TRUE(
                (std::set<std::string>{"gauge", "counter", "info", "stateset", "summary"}.contains(
                    value)));
            family_ = name;
            type_ = value;
        } else {
            EXPECT_EQ(name, family_) << line;
        }
        static const std::regex bare_quote(R"re((^|[^\\])")re");
        if (keyword == "UNIT") {
            EXPECT_TRUE(name.ends_with("_" + value)) << line;
        }
        if (keyword == "HELP") {
            EXPECT_FALSE(std::regex_search(value, bare_quote)) << line;
        }
    }

    void read_sample(const std::string& line) {
        static const std::regex form(
            R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*",?)*)\} (\S+))re");
        std::smatch parts;
        ASSERT_TRUE(std::regex_match(line, parts, form)) << line;
        Sample sample{parts[1], labels_of(parts[2]), value_of(parts[3])};
        ASSERT_TRUE(sample.name.starts_with(family_)) << line;
        const std::string suffix = sample.name.substr(family_.size());
        const std::map<std::string, std::set<std::string>> suffixes{
            {"gauge", {""}},
            {"counter", {"_total"}},
            {"info", {"_info"}},
            {"stateset", {""}},
            {"summary", {"", "_count", "_sum"}}};
        EXPECT_TRUE(suffixes.at(type_).contains(suffix)) << line;
        if (type_ == "stateset") {
            EXPECT_TRUE(sample.labels.contains(family_)) << line;
            EXPECT_TRUE(sample.value == 0 || sample.value == 1) << line;
        }
        if (type_ == "summary" && suffix.empty()) {
            EXPECT_TRUE(sample.labels.contains("quantile")) << line;
        }
        EXPECT_TRUE(seen_.insert(line.substr(0, line.rfind(' '))).second)
            << "sample twice: " << line;
        samples_.push_back(std::move(sample));
    }

    static std::map<std::string, std::string> labels_of(const std::string& text) {
        static const std::regex form(R"re(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)")re");
        std::map<std::string, std::string> labels;
        for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
            EXPECT_TRUE(labels.emplace((*at)[1], (*at)[2]).second) << "label twice: " << text;
        }
        return labels;
    }
    static double value_of(const std::string& text) {
        if (text == "+Inf") return std::numeric_limits<double>::infinity();
        if (text == "-Inf") return -std::numeric_limits<double>::infinity();
        std::size_t used = 0;
        const double value = std::stod(text, &used);
        EXPECT_EQ(used, text.size());
        return value;
    }

    std::set<std::string> families_{}, seen_{};
    std::string family_{}, type_{};
    std::vector<Sample> samples_{};
    bool ended_ = false;
};

TEST(OpenMetricsReport, SpeaksInSeconds) {
    const Exposition page(rendered("openmetrics", sample_run()));
    EXPECT_DOUBLE_EQ(page.value("faultline_detection_time_seconds",
                                {{"quantile", "0.5"}, {"injection", "fault-1"}}),
                     1.05);
    EXPECT_DOUBLE_EQ(page.value("faultline_recovery_time_seconds", {{"quantile", "0.95"}}), 1.389);
    EXPECT_EQ(page.value("faultline_detection_time_seconds_count", {}), 20);
    EXPECT_NEAR(page.value("faultline_detection_time_seconds_sum", {}), 21, 1e-9);
    EXPECT_TRUE(std::isinf(page.value("faultline_detection_time_interval_seconds",
                                      {{"of", "0.95"}, {"end", "high"}})));
    EXPECT_EQ(page.value("faultline_verdict", {{"faultline_verdict", "pass"}}), 1);
    EXPECT_EQ(page.value("faultline_verdict", {{"faultline_verdict", "fail"}}), 0);
    EXPECT_EQ(page.value("faultline_trials", {{"counted", "fault"}}), 20);
    EXPECT_DOUBLE_EQ(page.value("faultline_success_rate_ratio", {{"stat", "mean"}}), 0.721);
    EXPECT_DOUBLE_EQ(
        page.value("faultline_instrument_error_seconds", {{"figure", "injection_lateness"}}),
        30e-6);
}

TEST(OpenMetricsReport, KeepsItsGrammarWhateverTheTextsHold) {
    RunRecord run = sample_failed_run();
    run.scenario_name = "a\"b\\c\nd\xff{}";
    run.parameters = {{"rate", "1,\"2\"}"}, {"size", "3"}};
    run.summary->injections.push_back(run.summary->injections[0]);
    run.summary->injections[1].id = "\x01second\"";
    const Exposition page(rendered("openmetrics", run));
    EXPECT_EQ(page.value("faultline_lost_writes", {}), 2);
    EXPECT_EQ(page.value("faultline_stale_reads", {}), 5);
    EXPECT_EQ(page.value("faultline_recovery_time_censored_trials", {{"injection", "fault-1"}}), 1);
    EXPECT_EQ(page.value("faultline_expectation",
                         {{"text", "lost_writes.total == 0"}, {"faultline_expectation", "fail"}}),
              1);
    EXPECT_EQ(page.value("faultline_verdict",
                         {{"scenario",
                           R"(a\"b\\c d)"
                           "\xEF\xBF\xBD"
                           "{}"},
                          {"faultline_verdict", "fail"}}),
              1);
}

TEST(OpenMetricsReport, SumsNothingThatWasCensored) {
    const Exposition exposition(rendered("openmetrics", sample_failed_run()));
    for (const Sample& sample : exposition.samples()) {
        EXPECT_NE(sample.name, "faultline_recovery_time_seconds_sum");
    }
}

TEST(OpenMetricsReport, HoldsRunsWithoutTrials) {
    EXPECT_EQ(Exposition(rendered("openmetrics", run_without_trials()))
                  .value("faultline_verdict", {{"faultline_verdict", "harness error"}}),
              1);
    EXPECT_EQ(Exposition(rendered("openmetrics", unfinished_run())).samples().size(),
              1U);  // the run alone
}

}  // namespace
}  // namespace faultline::reports
