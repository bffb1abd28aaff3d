// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/merge.hpp"

#include <gtest/gtest.h>

namespace faultline {
namespace {

Node json(const std::string& text) {
    ParsedText parsed = parse_document(text, 0);
    EXPECT_TRUE(parsed.complete) << text;
    return std::move(parsed.root);
}

struct Case {
    const char* base;
    const char* patch;
    const char* merged;
};
class MergePatch : public testing::TestWithParam<Case> {};

TEST_P(MergePatch, DoesWhatTheStandardSays) {
    EXPECT_EQ(write_document(merge_patch(json(GetParam().base), json(GetParam().patch))),
              write_document(json(GetParam().merged)));
}

// The examples of RFC 7396, appendix A.
INSTANTIATE_TEST_SUITE_P(
    Rfc7396,
    MergePatch,
    testing::Values(Case{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                    Case{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
                    Case{R"({"a":"b"})", R"({"a":null})", R"({})"},
                    Case{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                    Case{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                    Case{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
                    Case{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                    Case{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
                    Case{R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
                    Case{R"({"a":"b"})", R"(["c"])", R"(["c"])"},
                    Case{R"({"a":"foo"})", "null", "null"},
                    Case{R"({"a":"foo"})", R"("bar")", R"("bar")"},
                    Case{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                    Case{R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
                    Case{R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}));

TEST(JsonPointer, SetsMakesAndReplaces) {
    Node root = json(R"({"a": {"b": [1, 2]}, "m~n": 1, "x/y": 2})");
    ASSERT_TRUE(set_at_pointer(root, "/a/b/1", json("3")));
    ASSERT_TRUE(set_at_pointer(root, "/m~0n", json("4")));
    ASSERT_TRUE(set_at_pointer(root, "/x~1y", json("5")));
    ASSERT_TRUE(set_at_pointer(root, "/new/part", json("6")));
    EXPECT_EQ(
        write_document(root),
        write_document(json(R"({"a": {"b": [1, 3]}, "m~n": 4, "x/y": 5, "new": {"part": 6}})")));
    EXPECT_FALSE(set_at_pointer(root, "a", json("1")));
    EXPECT_FALSE(set_at_pointer(root, "/a/b/2", json("1")));
    EXPECT_FALSE(set_at_pointer(root, "/a/b/x", json("1")));
    EXPECT_FALSE(set_at_pointer(root, "/new/part/deeper", json("1")));
}

}  // namespace
}  // namespace faultline
