// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/house/source_rules.hpp"

namespace faultline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The findings of one rule in the whole project, one a line.
template <class Rule>
std::string findings_in_project(Rule rule) {
    const auto files = project_files(PROJECT_ROOT);
    EXPECT_GT(files.size(), 100U) << "the project was not found in " PROJECT_ROOT;
    std::string all;
    for (const SourceFile& file : files) {
        for (const std::string& finding : rule(file))
            all += finding + "\n";
    }
    return all;
}

TEST(House, DependsDownwardOnly) {
    EXPECT_EQ(findings_in_project(check_arrows), "");
}

TEST(House, StartsEverySourceWithTheLicenceAndGuardsEveryHeader) {
    EXPECT_EQ(findings_in_project(check_headers), "");
}

TEST(House, ProvesThatEveryHeaderWithASourceCompilesAlone) {
    const auto rule = [](const SourceFile& file) {
        std::filesystem::path header = std::filesystem::path(PROJECT_ROOT) / file.path;
        header.replace_extension(".hpp");
        return check_own_header_first(file, std::filesystem::exists(header));
    };
    EXPECT_EQ(findings_in_project(rule), "");
}

TEST(House, NamesNoPathOfOneMachine) {
    EXPECT_EQ(findings_in_project(check_paths), "");
}

// The rules themselves: what they must catch, and what they must let through.

Findings arrows_of(const std::string& path, const std::string& include) {
    return check_arrows({path, "// first\n#include <vector>\n" + include + "\n"});
}

TEST(ArrowRule, CatchesAnArrowUpward) {
    EXPECT_THAT(arrows_of("harness/measure/a.cpp", "#include \"harness/run/trial.hpp\""),
                ElementsAre("harness/measure/a.cpp:3: includes \"harness/run/trial.hpp\": "
                            "harness/measure/ may not depend on harness/run/"));
    EXPECT_THAT(arrows_of("harness/base/a.hpp", "#include \"harness/scenario/model.hpp\""),
                ::testing::SizeIs(1));
    EXPECT_THAT(arrows_of("reports/a.cpp", "#include \"harness/run/trial.hpp\""),
                ::testing::SizeIs(1));
    EXPECT_THAT(arrows_of("harness/run/a.cpp", "#include \"reports/renderer.hpp\""),
                ::testing::SizeIs(1));
}

TEST(ArrowRule, CatchesNeighboursThatMustNotKnowEachOther) {
    for (const std::string from : {"launch", "load", "inject", "observe"}) {
        for (const std::string to : {"launch", "load", "inject", "observe"}) {
            const Findings findings = arrows_of(fmt::format("harness/{}/a.cpp", from),
                                                fmt::format("#include \"harness/{}/b.hpp\"", to));
            EXPECT_EQ(findings.empty(), from == to) << from << " includes " << to;
        }
    }
}

TEST(ArrowRule, KeepsTargetsAndHarnessApart) {
    EXPECT_THAT(arrows_of("targets/kv/a.cpp", "#include \"harness/scenario/model.hpp\""),
                ::testing::SizeIs(1));
    EXPECT_THAT(arrows_of("harness/cli/a.cpp", "#include \"targets/kv/a.hpp\""),
                ::testing::SizeIs(1));
    EXPECT_THAT(arrows_of("targets/kv/a.cpp", "#include \"harness/base/time.hpp\""), IsEmpty());
    EXPECT_THAT(arrows_of("targets/kv/a.cpp", "#include \"harness/include/faultline/event.hpp\""),
                IsEmpty());
}

TEST(ArrowRule, CatchesOtherSpellings) {
    EXPECT_THAT(arrows_of("harness/base/a.cpp", "  #  include\t\"harness/run/trial.hpp\" // why"),
                ::testing::SizeIs(1));
    EXPECT_THAT(arrows_of("harness/base/a.cpp", "#include \"../run/trial.hpp\""),
                ::testing::SizeIs(1));
    EXPECT_THAT(arrows_of("harness/base/a.cpp", "#include \"tests/unit/a.hpp\""),
                ::testing::SizeIs(1));
}

TEST(ArrowRule, LetsEmbeddedHeadersNameEachOtherByFile) {
    const std::string include = "#include \"failpoint_control.hpp\"";
    EXPECT_THAT(arrows_of("harness/include/faultline/failpoint.hpp", include), IsEmpty());
    EXPECT_THAT(arrows_of("harness/base/a.hpp", include), ::testing::SizeIs(1));
    EXPECT_THAT(arrows_of("targets/kv/a.cpp", "#include \"faultline/failpoint.hpp\""), IsEmpty());
}

TEST(ArrowRule, LetsArrowsDownThrough) {
    EXPECT_THAT(arrows_of("harness/run/a.cpp", "#include \"harness/launch/instance.hpp\""),
                IsEmpty());
    EXPECT_THAT(arrows_of("harness/cli/a.cpp", "#include \"reports/renderer.hpp\""), IsEmpty());
    EXPECT_THAT(arrows_of("reports/html/a.cpp", "#include \"harness/judge/summary.hpp\""),
                IsEmpty());
    EXPECT_THAT(arrows_of("harness/base/a.cpp", "// #include \"harness/run/trial.hpp\""),
                IsEmpty());
    EXPECT_THAT(arrows_of("tests/unit/run/a.cpp", "#include \"tests/unit/run/b.hpp\""), IsEmpty());
}

TEST(HeaderRule, CatchesMissingGuardAndLicence) {
    const std::string licence = "// SPDX-License-Identifier: Apache-2.0\n";
    EXPECT_THAT(check_headers({"a.hpp", licence + "#pragma once\n"}), IsEmpty());
    EXPECT_THAT(check_headers({"a.cpp", licence}), IsEmpty());
    EXPECT_THAT(check_headers({"a.hpp", licence}),
                ElementsAre("a.hpp:1: a header without #pragma once"));
    EXPECT_THAT(check_headers({"a.cpp", "\n" + licence}),
                ElementsAre("a.cpp:1: the first line is not the SPDX line"));
}

TEST(OwnHeaderRule, CatchesASourceThatHidesWhatItsHeaderLacks) {
    const std::string own = "#include \"a/b.hpp\"\n";
    EXPECT_THAT(check_own_header_first({"a/b.cpp", "#include <vector>\n" + own}, true),
                ElementsAre("a/b.cpp:1: does not include its own header first"));
    EXPECT_THAT(check_own_header_first({"a/b.cpp", "// x\n" + own + "#include <vector>\n"}, true),
                IsEmpty());
    EXPECT_THAT(check_own_header_first({"a/main.cpp", "#include <vector>\n"}, false), IsEmpty());
}

TEST(PathRule, CatchesPathsOfOneMachine) {
    const std::string home = std::string("/") + "root/";
    EXPECT_THAT(check_paths({"a.md", "first\ncp x " + home + "y\n"}),
                ElementsAre("a.md:2: names " + home + ", a path of one machine"));
    EXPECT_THAT(check_paths({"a.md", home + "x"}), ::testing::SizeIs(1));
    EXPECT_THAT(check_paths({"a.md", "${dir}" + home + "x and " + "https://a.org" + home}),
                IsEmpty());
}

}  // namespace
}  // namespace faultline::testing
