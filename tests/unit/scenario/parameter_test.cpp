// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/parameter.hpp"

#include <gtest/gtest.h>

#include "harness/scenario/format.hpp"
#include "harness/scenario/parameter_values.hpp"
#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

Parameters parameters_of(const std::string& written) {
    const LoadedScenario loaded = load_text(
        with(R"("faults": [{"fault": "odd.everything", "on": "kv", "at": "1s")" + written + "}]"));
    EXPECT_THAT(mistakes_of(loaded), testing::IsEmpty());
    return loaded.cases.empty() ? Parameters{} : loaded.cases.front().faults.front().parameters;
}

TEST(Parameters, BecomeTheTypesOfTheirTable) {
    const Parameters read = parameters_of(
        R"(, "boolean": true, "number": -1, "pause": "5ms", "speed": "1/s", "size": "1KiB",
        "text": "x", "choice": "right", "words": ["a", "b"], "weights": {"get": 2}, "labels": {"a": 5, "b": "c"}, "other": "kv:any")");
    EXPECT_TRUE(read.get<bool>("boolean"));
    EXPECT_EQ(read.get<double>("number"), -1.0);
    EXPECT_EQ(read.get<Duration>("pause"), std::chrono::milliseconds(5));
    EXPECT_EQ(read.get<double>("speed"), 1.0);
    EXPECT_EQ(read.get<std::int64_t>("size"), 1024);
    EXPECT_EQ(read.get<std::string>("choice"), "right");
    EXPECT_EQ(read.get<std::vector<std::string>>("words").size(), 2u);
    EXPECT_EQ((read.get<std::map<std::string, double>>("weights").at("get")), 2.0);
    EXPECT_EQ((read.get<std::map<std::string, std::string>>("labels").at("a")), "5");
    EXPECT_EQ(read.find<std::string>("other"), "kv:any");
}

TEST(Parameters, HaveTheirDefaultsAndNothingElse) {
    const Parameters read = parameters_of("");
    EXPECT_FALSE(read.get<bool>("boolean"));
    EXPECT_EQ(read.get<std::int64_t>("size"), 65536);
    EXPECT_EQ((read.get<std::map<std::string, double>>("weights").at("set")), 1.0);
    EXPECT_FALSE(read.has("pause"));
    EXPECT_FALSE(read.find<Duration>("pause"));
}

TEST(ParametersDeathTest, AbortWhenTheOwnerAsksForWhatIsNotThere) {
    const Parameters none;
    EXPECT_DEATH(static_cast<void>(none.get<bool>("x")), "parameter \"x\" is absent");
}

TEST(ParameterTables, OfTheFormatAreRight) {
    for (const Section* section : all_sections()) {
        ParameterTable rows;
        for (const Key& key : section->keys)
            rows.push_back(key.row);
        const auto good = check_parameters(rows);
        EXPECT_TRUE(good) << section->name << ": " << good.error().message;
        for (const Key& key : section->keys) {
            EXPECT_EQ(key.section != nullptr,
                      key.form == KeyForm::section || key.form == KeyForm::sections ||
                          key.form == KeyForm::named_sections || key.form == KeyForm::roles)
                << key.row.name;
        }
    }
}

TEST(ParameterTables, AreChecked) {
    EXPECT_FALSE(check_parameters({{"a", ParameterType::text, ""}}));
    EXPECT_FALSE(check_parameters({{"a", ParameterType::duration, "help", "5"}}));
    EXPECT_FALSE(
        check_parameters({{"a", ParameterType::text, "help"}, {"a", ParameterType::text, "help"}}));
    EXPECT_FALSE(check_parameters({{"a", ParameterType::choice, "help"}}));
    EXPECT_TRUE(check_parameters({{"a", ParameterType::duration, "help", "5ms"}}));
}

TEST(Catalog, IsCheckedForNamesThatTheFormatTakes) {
    EXPECT_TRUE(check_catalog(fake_catalog()));
    Catalog clash = fake_catalog();
    clash.faults[0].parameters.push_back({"at", ParameterType::text, "help"});
    EXPECT_THAT(check_catalog(clash).error().message, testing::HasSubstr("process.crash: \"at\""));
    Catalog twice = fake_catalog();
    twice.probes.push_back(twice.probes[0]);
    EXPECT_FALSE(check_catalog(twice));
}

TEST(ParameterRanges, AreDescribedAsTheyAreWritten) {
    EXPECT_EQ(describe_range({"a", ParameterType::duration, "", "", false, 1e6, 1e9}), "1ms to 1s");
    EXPECT_EQ(describe_range({.name = "a", .type = ParameterType::share, .minimum = 0.5}),
              "at least 50%");
    EXPECT_EQ(describe_range({.name = "a", .type = ParameterType::integer, .maximum = 1e6}),
              "at most 1000000");
    EXPECT_EQ(describe_range({.name = "a", .type = ParameterType::text}), "");
}

}  // namespace
}  // namespace faultline
