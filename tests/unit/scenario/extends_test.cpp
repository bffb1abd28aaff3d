// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/extends.hpp"

#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder of scenario files that is gone afterwards.
class Extends : public testing::Test {
  protected:
    void SetUp() override {
        std::string name =
            (std::filesystem::temp_directory_path() / "faultline-extends-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { EXPECT_TRUE(remove_tree(folder_)); }

    void write(const std::string& name, const std::string& text) {
        ASSERT_TRUE(make_folder((folder_ / name).parent_path()));
        ASSERT_TRUE(write_file(folder_ / name, text));
    }
    LoadedScenario load(const std::string& name, const LoadOptions& options = {}) {
        return load_scenario(folder_ / name, fake_catalog(), options);
    }
    /// Messages with the folder's name taken away.
    std::vector<std::string> mistakes(const std::string& name) {
        auto texts = mistakes_of(load(name));
        const std::string prefix = folder_.string() + "/";
        for (std::string& text : texts) {
            for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
                text.erase(at, prefix.size());
        }
        return texts;
    }

    std::filesystem::path folder_;
};

TEST_F(Extends, MergesTheFileOverItsBases) {
    write(
        "base/one.json",
        R"({"name": "one", "targets": {"kv": {"command": ["one"], "env": {"A": "1", "B": "1"}}}, "trials": {"count": 3}})");
    write("base/two.json", R"({"targets": {"kv": {"command": ["two"]}}})");
    write(
        "s.json",
        R"({"extends": ["base/one.json", "base/two.json"], "name": "s", "targets": {"kv": {"env": {"A": null}}}})");
    const LoadedScenario loaded = load("s.json");
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    const Scenario& scenario = loaded.cases.front();
    EXPECT_EQ(scenario.name, "s");
    EXPECT_EQ(scenario.trials.count, 3);
    EXPECT_THAT(scenario.targets[0].instances[0].command, ElementsAre("two"));
    EXPECT_THAT(scenario.targets[0].instances[0].environment, ElementsAre(testing::Pair("B", "1")));
    EXPECT_THAT(scenario.resolved_json, testing::Not(HasSubstr("extends")));
}

TEST_F(Extends, PointsIntoTheFileAMistakeComesFrom) {
    write("base.json",
          "{\"name\": \"b\",\n \"targets\": {\"kv\": {\"command\": [\"a\"],\n   \"conut\": 2}}}");
    write("s.json", "{\"extends\": \"base.json\",\n \"targets\": {\"kv\": {\"count\": 0}}}");
    EXPECT_THAT(
        mistakes("s.json"),
        ElementsAre(
            "s.json:2:30: /targets/kv/count: the number 0 is out of range: 1 to 1000",
            "base.json:3:4: /targets/kv/conut: unknown key \"conut\"; did you mean \"count\"?"));
}

TEST_F(Extends, NamesTheChainOfACircle) {
    write("a.json", R"({"extends": "b.json"})");
    write("b.json", R"({"extends": "./a.json"})");
    EXPECT_THAT(
        mistakes("a.json"),
        testing::Contains(
            "b.json:1:13: /extends: \"extends\" goes in a circle: a.json -> b.json -> a.json"));
}

TEST_F(Extends, RefusesItself) {
    write("a.json", R"({"extends": "a.json", "name": "a", "targets": {"kv": {"command": ["a"]}}})");
    EXPECT_THAT(mistakes("a.json"), mistakes_with("goes in a circle: a.json -> a.json"));
}

TEST_F(Extends, NamesTheChainOfAMissingOrEmptyFile) {
    write(
        "s.json",
        R"({"extends": ["base.json", "gone.json", "empty.json"], "name": "s", "targets": {"kv": {"command": ["a"]}}})");
    write("base.json", R"({"extends": "nowhere.json"})");
    write("empty.json", " \n");
    EXPECT_THAT(
        mistakes("s.json"),
        mistakes_with("s.json:1:27: /extends/1: cannot extend: reading gone.json: No such file",
                      "s.json:1:40: /extends/2: cannot extend an empty file (s.json -> empty.json)",
                      "(s.json -> base.json -> nowhere.json)"));
}

TEST_F(Extends, RefusesEmptyNamesAndOtherTypes) {
    const std::string rest = R"(, "name": "s", "targets": {"kv": {"command": ["a"]}}})";
    for (const char* wrong : {R"({"extends": "")", R"({"extends": [])"}) {
        write("s.json", wrong + rest);
        EXPECT_THAT(mistakes("s.json"), mistakes_with("\"extends\" is empty"));
    }
    write("s.json", R"({"extends": [5])" + rest);
    EXPECT_THAT(mistakes("s.json"),
                mistakes_with("expected the path of a scenario file, found the number 5"));
}

TEST_F(Extends, RefusesWhatIsNoFile) {
    write("s.json",
          R"({"extends": ["/dev/zero", "."], "name": "s", "targets": {"kv": {"command": ["a"]}}})");
    EXPECT_THAT(mistakes("s.json"), mistakes_with("/dev/zero is no file", "is no file"));
}

TEST_F(Extends, ReadsADiamondOnce) {
    write("base.json", R"({"name": "b", "targets": {"kv": {"command": ["a"], "cuont": 1}}})");
    write("left.json", R"({"extends": "base.json"})");
    write("right.json", R"({"extends": "base.json"})");
    write("s.json", R"({"extends": ["left.json", "right.json"]})");
    EXPECT_THAT(mistakes("s.json"), mistakes_with("base.json:1:52: /targets/kv/cuont"));
}

TEST_F(Extends, PointsIntoTheBaseForInstances) {
    write(
        "base.json",
        R"({"name": "b", "targets": {"kv": {"command": ["a"], "instances": {"0": {"directory": 5}}}}})");
    write("s.json", R"({"extends": "base.json", "about": "x"})");
    EXPECT_THAT(
        mistakes("s.json"),
        mistakes_with("base.json:1:85: /targets/kv/instances/0/directory: expected a text"));
}

}  // namespace
}  // namespace faultline
