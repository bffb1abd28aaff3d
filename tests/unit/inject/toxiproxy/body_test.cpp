// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/body.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/scenario/document.hpp"

namespace faultline::link {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class T>
std::string error_of(const Answer<T>& answer) {
    return answer ? "" : answer.error().message;
}

std::string attributes_of(const Toxic& toxic) {
    std::string text;
    for (const Node::Member& member : toxic.attributes)
        text += member.key + "=" + write_document(member.value).substr(0, 20);
    std::erase(text, '\n');
    return text;
}

// ---- proxies

TEST(ProxyBody, HasDefaults) {
    const auto proxy = read_proxy(R"({"name": "redis", "upstream": "127.0.0.1:6379"})");
    ASSERT_TRUE(proxy) << error_of(proxy);
    EXPECT_EQ(proxy->name, "redis");
    EXPECT_EQ(proxy->listen, "localhost:0");
    EXPECT_TRUE(proxy->enabled);
    EXPECT_TRUE(proxy->toxics.empty());
}

TEST(ProxyBody, SaysWhichFieldIsMissingInTheWordsClientsKnow) {
    EXPECT_EQ(error_of(read_proxy(R"({"upstream": "a:1"})")), "missing required field: name");
    EXPECT_EQ(error_of(read_proxy(R"({"name": "a"})")), "missing required field: upstream");
    EXPECT_EQ(error_of(read_proxy(R"({"name": "", "upstream": "a:1"})")),
              "missing required field: name");
    EXPECT_EQ(error_of(read_proxies(R"([{"name": "a", "upstream": "b:1"}, {"upstream": "b:1"}])")),
              "missing required field: name at proxy 2");
}

TEST(ProxyBody, TakesWhatClientsSend) {
    // Go: null for no toxics; .NET: capitals; others send back what they were shown.
    EXPECT_TRUE(read_proxy(
        R"({"name": "a", "listen": "", "upstream": "b:1", "enabled": false, "toxics": null})"));
    const auto proxy = read_proxy(R"({"Name": "a", "Upstream": "b:1", "Enabled": false})");
    ASSERT_TRUE(proxy) << error_of(proxy);
    EXPECT_FALSE(proxy->enabled);
    EXPECT_TRUE(read_proxy_change(
        R"({"name": "a", "listen": "c:1", "upstream": "b:1", "enabled": true, "toxics": []})"));
}

TEST(ProxyBody, RefusesWhatItDoesNotKnowWithTheNearestName) {
    EXPECT_EQ(error_of(read_proxy(R"({"name": "a", "upstrem": "b:1"})")).substr(0, 16),
              "bad request body");
    EXPECT_THAT(error_of(read_proxy(R"({"name": "a", "upstrem": "b:1"})")),
                HasSubstr("unknown key \"upstrem\" of a proxy; did you mean \"upstream\"?"));
    EXPECT_THAT(error_of(read_proxy(R"({"name": "a", "upstream": "b:1", "toxicity": 1})")),
                HasSubstr("misplaced key \"toxicity\": it belongs into a toxic"));
    EXPECT_THAT(error_of(read_proxy(R"({"name": "a", "Name": "b", "upstream": "b:1"})")),
                HasSubstr("\"name\" is there twice"));
}

TEST(ProxyBody, RefusesWrongTypesAndFormsWithTheirPlace) {
    EXPECT_EQ(error_of(read_proxy(R"({"name": 7, "upstream": "b:1"})")),
              "bad request body: 1:10: /name: expected a text, found the number 7");
    EXPECT_THAT(error_of(read_proxy(R"({"name": "a", "upstream": "b:1", "enabled": "no"})")),
                HasSubstr("/enabled: expected true or false"));
    EXPECT_THAT(error_of(read_proxy("[]")), HasSubstr("expected an object (a proxy)"));
    EXPECT_THAT(error_of(read_proxies("{}")), HasSubstr("expected an array of proxies"));
    EXPECT_THAT(error_of(read_proxy("")), StartsWith("bad request body: 1:1: not JSON"));
    EXPECT_THAT(error_of(read_proxy(R"({"name": "a", "upstream": "b:1"} x)")),
                HasSubstr("not JSON"));
    EXPECT_THAT(error_of(read_proxy(R"({"name": "..", "upstream": "b:1"})")),
                HasSubstr("cannot name a proxy"));
}

TEST(ProxyBody, ReadsItsToxicsToo) {
    const auto proxy = read_proxy(R"({"name": "a", "upstream": "b:1", "toxics": [
        {"type": "latency", "attributes": {"latency": 5}}, {"type": "noop", "stream": "upstream"}]})");
    ASSERT_TRUE(proxy) << error_of(proxy);
    ASSERT_EQ(proxy->toxics.size(), 2U);
    EXPECT_EQ(proxy->toxics[0].name, "latency_downstream");
    EXPECT_EQ(proxy->toxics[1].name, "noop_upstream");
    EXPECT_THAT(error_of(read_proxy(R"({"name": "a", "upstream": "b:1", "toxics": [
        {"type": "noop"}, {"type": "noop"}]})")),
                HasSubstr("\"noop_downstream\" is there twice"));
    EXPECT_THAT(error_of(read_proxies(R"([{"name": "a", "upstream": "b:1", "toxics": [
        {"type": "latency", "attributes": {"latency": -5}}]}])")),
                HasSubstr("/0/toxics/0/attributes/latency: the number -5 is out of range"));
}

TEST(ProxyBody, RefusesANameThatIsThereTwiceInOneArray) {
    EXPECT_THAT(error_of(read_proxies(
                    R"([{"name": "a", "upstream": "b:1"}, {"name": "a", "upstream": "c:1"}])")),
                HasSubstr("\"a\" is there twice, first at proxy 1"));
}

// ---- toxics

TEST(ToxicBody, HasDefaults) {
    const auto toxic = read_toxic(R"({"type": "latency"})");
    ASSERT_TRUE(toxic) << error_of(toxic);
    EXPECT_EQ(toxic->name, "latency_downstream");
    EXPECT_EQ(toxic->stream, Stream::downstream);
    EXPECT_EQ(toxic->toxicity, 1);
    EXPECT_EQ(attributes_of(*toxic), "latency=0jitter=0");
    EXPECT_TRUE(toxic->effect);
}

TEST(ToxicBody, TakesEmptyAndNullForAbsent) {
    const auto toxic = read_toxic(
        R"({"name": "", "type": "noop", "stream": "", "toxicity": null, "attributes": null})");
    ASSERT_TRUE(toxic) << error_of(toxic);
    EXPECT_EQ(toxic->name, "noop_downstream");
}

TEST(ToxicBody, RefusesUnknownTypesAndStreamsInTheWordsClientsKnow) {
    const auto wrong = read_toxic(R"({"type": "latancy"})");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message, "invalid toxic type");
    EXPECT_THAT(wrong.error().hint, HasSubstr("did you mean \"latency\"?"));
    EXPECT_EQ(error_of(read_toxic("{}")), "invalid toxic type");
    EXPECT_EQ(error_of(read_toxic(R"({"type": "noop", "stream": "sideways"})")),
              "stream was invalid, can be either upstream or downstream");
    EXPECT_EQ(error_of(read_toxic(R"({"type": "noop", "stream": "both"})")),
              "stream was invalid, can be either upstream or downstream");
}

TEST(ToxicBody, RefusesMisplacedAndUnknownKeys) {
    EXPECT_THAT(error_of(read_toxic(R"({"type": "latency", "latency": 77})")),
                HasSubstr("misplaced key \"latency\": it belongs into \"attributes\""));
    EXPECT_THAT(error_of(read_toxic(R"({"type": "latency", "attributes": {"toxicity": 1}})")),
                HasSubstr("misplaced key \"toxicity\": it belongs beside \"attributes\""));
    EXPECT_THAT(error_of(read_toxic(R"({"type": "latency", "attributes": {"latncy": 1}})")),
                HasSubstr("did you mean \"latency\"?"));
    EXPECT_THAT(error_of(read_toxic(R"({"type": "noop", "streem": "upstream"})")),
                HasSubstr("did you mean \"stream\"?"));
}

TEST(ToxicBody, RefusesValuesOutsideTheirRangeAndSaysIt) {
    EXPECT_THAT(error_of(read_toxic(R"({"type": "latency", "attributes": {"latency": -1}})")),
                HasSubstr("the number -1 is out of range: 0 to 3600000"));
    EXPECT_THAT(error_of(read_toxic(R"({"type": "latency", "attributes": {"jitter": 1.5}})")),
                HasSubstr("expected a whole number"));
    EXPECT_THAT(error_of(read_toxic(R"({"type": "noop", "toxicity": 1.5})")),
                HasSubstr("expected a number from 0 to 1"));
    EXPECT_THAT(error_of(read_toxic(R"({"type": "slicer"})")),
                HasSubstr("\"average_size\" is missing"));
    EXPECT_THAT(
        error_of(read_toxic(
            R"({"type": "slicer", "attributes": {"average_size": 10, "size_variation": 11}})")),
        HasSubstr("\"size_variation\" is 11, with this \"average_size\" it can be 0 to 10"));
    EXPECT_TRUE(read_toxic(
        R"({"type": "slicer", "attributes": {"average_size": 1, "size_variation": 1}})"));
}

TEST(ToxicBody, OfOurOwnTypeHasTheParametersOfScenarios) {
    const auto toxic = read_toxic(R"({"type": "link.latency", "attributes":
        {"delay": "20ms", "distribution": "exponential", "direction": "upstream", "probability": "50%"}})");
    ASSERT_TRUE(toxic) << error_of(toxic);
    EXPECT_EQ(toxic->stream, Stream::upstream);
    EXPECT_EQ(toxic->toxicity, 0.5);
    EXPECT_EQ(toxic->name, "link.latency_upstream");
    EXPECT_THAT(attributes_of(*toxic), HasSubstr("delay=\"20ms\""));
    EXPECT_EQ(read_toxic(R"({"type": "link.corrupt", "attributes": {"rate": "1%"}})")->stream,
              Stream::both);
    EXPECT_THAT(error_of(read_toxic(R"({"type": "link.latency", "attributes": {"delay": 20}})")),
                HasSubstr("durations carry a unit: write \"20ms\""));
    EXPECT_THAT(error_of(read_toxic(R"({"type": "link.latency"})")), HasSubstr("delay"));
    EXPECT_THAT(error_of(read_toxic(
                    R"({"type": "link.latency", "stream": "downstream",
                        "attributes": {"delay": "1ms", "direction": "upstream"}})")),
                HasSubstr("\"stream\" says otherwise"));
}

TEST(ToxicBody, OfLinkErrorKeepsItsProbabilityForRequests) {
    const auto toxic = read_toxic(
        R"({"type": "link.error", "attributes": {"status": 429, "probability": "20%"}})");
    ASSERT_TRUE(toxic) << error_of(toxic);
    EXPECT_EQ(toxic->toxicity, 1);
    EXPECT_THAT(attributes_of(*toxic), HasSubstr("status=429"));
    EXPECT_THAT(attributes_of(*toxic), HasSubstr("probability=\"20%\""));
}

TEST(ToxicBody, EveryTypeIsReadWithItsAttributes) {
    for (const ToxicType& type : toxic_types()) {
        const std::map<std::string, std::string> least{{"slicer", R"({"average_size": 5})"},
                                                       {"link.bandwidth", R"({"rate": "1KB"})"},
                                                       {"link.corrupt", R"({"rate": "1%"})"},
                                                       {"link.latency", R"({"delay": "1ms"})"},
                                                       {"link.limit", R"({"bytes": "1KB"})"},
                                                       {"link.slice", R"({"average": "10B"})"},
                                                       {"link.slow_close", R"({"delay": "1ms"})"}};
        const auto found = least.find(type.name);
        const auto toxic = read_toxic(R"({"type": ")" + type.name + R"(", "attributes": )" +
                                      (found == least.end() ? "{}" : found->second) + "}");
        ASSERT_TRUE(toxic) << type.name << ": " << error_of(toxic);
        EXPECT_EQ(toxic->attributes.size(), type.attributes.size()) << type.name;
    }
}

// ---- changes

TEST(ToxicChange, MergesAttributesAndKeepsTheRest) {
    const auto before = read_toxic(
        R"({"name": "x", "type": "latency", "stream": "upstream", "attributes": {"latency": 5}})");
    ASSERT_TRUE(before);
    const auto after = read_toxic_change(
        R"({"name": "y", "type": "noop", "stream": "downstream", "attributes": {"jitter": 2}})",
        *before);
    ASSERT_TRUE(after) << error_of(after);
    EXPECT_EQ(after->name, "x");
    EXPECT_EQ(after->type->name, "latency");
    EXPECT_EQ(after->stream, Stream::upstream);
    EXPECT_EQ(attributes_of(*after), "latency=5jitter=2");
    EXPECT_NE(after->effect, before->effect);
}

TEST(ToxicChange, OfTheToxicityAloneKeepsTheEffectAndItsState) {
    const auto before = read_toxic(R"({"type": "limit_data", "attributes": {"bytes": 5}})");
    ASSERT_TRUE(before);
    const auto after = read_toxic_change(R"({"toxicity": 0.25})", *before);
    ASSERT_TRUE(after) << error_of(after);
    EXPECT_EQ(after->toxicity, 0.25);
    EXPECT_EQ(after->effect, before->effect);
    EXPECT_EQ(attributes_of(*after), "bytes=5");
}

TEST(ToxicChange, IsCheckedAsAWhole) {
    const auto before = read_toxic(
        R"({"type": "slicer", "attributes": {"average_size": 10, "size_variation": 8}})");
    ASSERT_TRUE(before);
    EXPECT_THAT(error_of(read_toxic_change(R"({"attributes": {"average_size": 5}})", *before)),
                HasSubstr("variation"));
    EXPECT_THAT(error_of(read_toxic_change(R"({"attributes": {"avrage_size": 5}})", *before)),
                HasSubstr("did you mean \"average_size\"?"));
    EXPECT_THAT(error_of(read_toxic_change(R"({"average_size": 5})", *before)),
                HasSubstr("misplaced key"));
}

}  // namespace
}  // namespace faultline::link
