// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Mistakes, PointToTheKeyWhenItIsUnknown) {
    EXPECT_THAT(mistakes_in(with(R"(  "steady_stat": {})")),
                ElementsAre("s.json:2:3: /steady_stat: unknown key \"steady_stat\"; did you mean "
                            "\"steady_state\"?"));
}

TEST(Mistakes, PointToTheValueWhenItIsWrong) {
    EXPECT_THAT(mistakes_in(with(R"(  "success_window": 5)")),
                ElementsAre("s.json:2:21: /success_window: durations carry a unit: write \"5ms\""));
}

TEST(Mistakes, PointToTheSecondOfTwoEqualKeys) {
    EXPECT_THAT(
        mistakes_in(with("\"about\": \"a\",\n \"about\": \"b\"")),
        ElementsAre("s.json:3:2: /about: duplicate key \"about\" (first on line 2); keep one"));
}

TEST(Mistakes, CountColumnsInCodePoints) {
    EXPECT_THAT(mistakes_in(with(R"("about": "äöü→", "x": 1)")),
                mistakes_with("s.json:2:18: /x: unknown key"));
}

TEST(Mistakes, EscapeThePointer) {
    EXPECT_THAT(mistakes_in(with(R"("a/b~c": 1)")), mistakes_with("/a~1b~0c: unknown key"));
}

TEST(Mistakes, AreReportedAllAtOnceInTheOrderOfTheFile) {
    const auto mistakes = mistakes_in(R"({
  "name": "a b",
  "targets": {
    "kv": {"count": 0, "command": [], "ports": ["client", "client"], "after": ["kw"],
           "ready": {"probe": "redis.pong"}, "stop": {"grace": "2"}}
  },
  "load": {"driver": "redis", "to": "kv@primary", "rate": 5, "connectons": 3},
  "faults": [{"fault": "process.crush", "on": "kv[7]", "at": "2s"},
             {"fault": "process.throttle", "on": "$nobody", "at": "1s", "share": "120%"}],
  "expect": ["recovery_tim.p95 < 1s", "detected > 1%"]
})");
    EXPECT_THAT(mistakes,
                mistakes_with(
                    "s.json:2:11: /name: \"a b\" names folders",
                    "s.json:4:21: /targets/kv/count: the number 0 is out of range: 1 to 1000",
                    "s.json:4:35: /targets/kv/command: at least one text is needed",
                    "s.json:4:59: /targets/kv/ports/1: port \"client\" is there twice",
                    "s.json:4:80: /targets/kv/after/0: unknown target \"kw\"; did you mean \"kv\"?",
                    "s.json:5:31: /targets/kv/ready/probe: unknown probe \"redis.pong\"; did you "
                    "mean \"redis.ping\"?",
                    "s.json:5:64: /targets/kv/stop/grace: \"2\" is not a number followed by",
                    "s.json:7:37: /load/to: unknown role \"primary\" of target \"kv\"",
                    "s.json:7:59: /load/rate: rates carry a unit: write \"5/s\"",
                    "s.json:7:62: /load/connectons: unknown key \"connectons\"; did you mean "
                    "\"connections\"?",
                    "s.json:8:24: /faults/0/fault: unknown fault \"process.crush\"; did you mean "
                    "\"process.crash\"?",
                    "s.json:8:47: /faults/0/on: there is no kv[7]",
                    "s.json:9:50: /faults/1/on: \"$nobody\" names no earlier injection",
                    "s.json:9:82: /faults/1/share: \"120%\" is more than 100 %",
                    "s.json:10:14: /expect/0: \"recovery_tim.p95 < 1s\": unknown measure",
                    "s.json:10:39: /expect/1: detected needs a signal"));
}

TEST(Mistakes, OfSyntaxAreOneWithItsPlace) {
    EXPECT_THAT(mistakes_in("{\"name\": \"a\",\n  // no\n}"),
                mistakes_with("s.json:2:3: not JSON: syntax error while parsing object key - "
                              "invalid literal; expected string literal; JSON has no comments"));
    EXPECT_THAT(mistakes_in("{\"a\": [1, 2,]}"), mistakes_with("s.json:1:13"));
    EXPECT_THAT(mistakes_in(""), mistakes_with("s.json:1:1: not JSON"));
    EXPECT_THAT(mistakes_in("{} x"), mistakes_with("s.json:1:4: not JSON"));
    EXPECT_THAT(mistakes_in("[]"), mistakes_with("s.json:1:1: a scenario is an object"));
    EXPECT_THAT(mistakes_in("{\"a\": \"\xFF\"}"), mistakes_with("not JSON"));
    EXPECT_THAT(mistakes_in("{\"a\": 1e999}"), mistakes_with("not JSON"));
}

TEST(Mistakes, OfNulBytesAndDepthAreNamed) {
    EXPECT_THAT(mistakes_in(std::string("{}\n\0{}", 6)),
                ElementsAre("s.json:2:1: not JSON: a NUL byte"));
    EXPECT_THAT(mistakes_in(std::string(100, '[')), mistakes_with("nested deeper than 64 levels"));
}

TEST(Mistakes, AreLimitedAndTheRestCounted) {
    std::string keys;
    for (int i = 0; i < 500; ++i)
        keys += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\": 1";
    const auto mistakes = mistakes_in(with(keys));
    ASSERT_THAT(mistakes, SizeIs(201));
    EXPECT_EQ(mistakes.back(), "s.json: and 300 more mistakes");
}

TEST(Mistakes, NameMissingKeysAtTheObject) {
    EXPECT_THAT(mistakes_in(R"({"targets": {"kv": {}}})"),
                mistakes_with("s.json:1:1: \"name\" is missing",
                              "s.json:1:20: /targets/kv: \"command\" is missing"));
    EXPECT_THAT(mistakes_in(R"({"name": "n"})"), mistakes_with("\"targets\" is missing"));
    EXPECT_THAT(mistakes_in(R"({"name": "n", "targets": {}})"),
                mistakes_with("at least one target"));
}

// One wrong value each: what is written after "targets", and what is said.
struct WrongCase {
    const char* json;
    const char* message;
};
class WrongScenario : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongScenario, IsRefusedWithAReason) {
    EXPECT_THAT(mistakes_in(with(GetParam().json)), mistakes_with(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Faults,
    WrongScenario,
    testing::Values(
        WrongCase{R"("faults": {})", "expected an array of faults"},
        WrongCase{R"("faults": [5])", "expected an object (fault)"},
        WrongCase{R"("faults": [{"fault": "process.crash", "on": "kv"}])", "\"at\" is missing"},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "after": {"event": "e"}}])",
            "keep one"},
        WrongCase{R"("faults": [{"fault": "process.crash", "at": "1s"}])", "\"on\" is missing"},
        WrongCase{R"("faults": [{"on": "kv", "at": "1s"}])", "\"fault\" is missing"},
        WrongCase{R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "for": "1s"}])",
                  "cannot be cleared"},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "$later", "at": "1s"}, {"fault": "process.crash", "on": "kv", "at": "1s", "id": "later"}])",
            "\"$later\" names no earlier injection"},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "id": "a"}, {"fault": "process.crash", "on": "kv", "at": "1s", "id": "a"}])",
            "is taken by an earlier fault"},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "id": "downtime"}])",
            "is a measure"},
        WrongCase{R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "id": "a.b"}])",
                  "cannot name a fault"},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "signal": "KILLL"}])",
            "did you mean \"KILL\""},
        WrongCase{R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "signal": 99}])",
                  "they go from 1 to 64"},
        WrongCase{R"("faults": [{"fault": "process.crash", "on": "kv", "at": "-1s"}])",
                  "is not a number followed by"},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "kv", "after": {"event": "e", "from": "kx"}}])",
            "unknown target \"kx\""},
        WrongCase{R"("faults": [{"fault": "process.start_failure", "on": "kv", "at": "1s"}])",
                  "\"count\" is missing"},
        WrongCase{R"("faults": [{"fault": "process.crash", "on": "kv[", "at": "1s"}])",
                  "is not a selector"}));

INSTANTIATE_TEST_SUITE_P(
    Signals,
    WrongScenario,
    testing::Values(
        WrongCase{R"("detection": [{"log": "(", "in": "kv"}])", "missing ): ("},
        WrongCase{R"("detection": [{"log": "a", "event": "b"}])", "make two signals of it"},
        WrongCase{R"("detection": [{"in": "kv"}])", "say what the signal is"},
        WrongCase{R"("detection": [{"log": "a", "where": {"a": "b"}}])",
                  "means nothing beside \"log\""},
        WrongCase{R"("detection": [{"exit": "kv", "in": "kv"}])", "means nothing beside \"exit\""},
        WrongCase{R"("detection": [{"probe": "redis.ping"}])", "say whom the probe asks"},
        WrongCase{R"("detection": [{"probe": "redis.ping", "in": "kv", "port": "clien"}])",
                  "has no port \"clien\"; did you mean \"client\""},
        WrongCase{R"("detection": [{"probe": "exec", "in": "kv"}])", "\"command\" is missing"},
        WrongCase{R"("detection": [{"exit": "$first"}])", "known only once it was injected"}));

INSTANTIATE_TEST_SUITE_P(
    Others,
    WrongScenario,
    testing::Values(
        WrongCase{R"("roles": {"kw": {"primary": {"probe": "redis.role", "equals": "master"}}})",
                  "unknown target \"kw\""},
        WrongCase{R"("roles": {"kv": {"primary": {"probe": "redis.role"}}})",
                  "\"equals\" is missing"},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "operations": {"sett": 1}})",
                  "did you mean \"set\""},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "operations": {"set": 0}})",
                  "must be above 0"},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "operations": {"set": -1}})",
                  "from 0 on"},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "sentinel": "sentry"})",
                  "unknown target \"sentry\""},
        WrongCase{R"("load": {"driver": "redis", "to": "$first"})",
                  "known only once it was injected"},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "port": "peer"})",
                  "has no port \"peer\""},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "arrivals": "uniform"})",
                  "unknown arrivals"},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "reconnect": {"first": "1s"}})",
                  "longer than \"max\""},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "connections": 2.5})",
                  "expected a whole number"},
        WrongCase{R"("load": {"driver": "redis", "to": "kv", "rate": "0/s"})",
                  "out of range: 0.001/s to 1000000/s"},
        WrongCase{R"("load": {"driver": "http", "to": "kv", "path": "${port.x}"})",
                  "has no port \"x\""},
        WrongCase{R"("recovery": {})", "has no \"load\""},
        WrongCase{R"("detection_within": null)", "expected a text with a unit"},
        WrongCase{R"("trials": {"seed": -1})", "expected a whole number from 0"},
        WrongCase{R"("trials": {"count": 1000001})", "out of range: 1 to 1000000"},
        WrongCase{R"("expect": "recovered > 1%")", "expected an array of texts"}));

INSTANTIATE_TEST_SUITE_P(
    Expectations,
    WrongScenario,
    testing::Values(
        WrongCase{R"("expect": ["recovered >= 95%"])", "needs a fault"},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s"}], "expect": ["recovered >= 95%"])",
            "has no \"load\""},
        WrongCase{R"("load": {"driver": "http", "to": "kv"}, "expect": ["lost_writes == 0"])",
                  "http does not"},
        WrongCase{R"("load": {"driver": "http", "to": "kv"}, "expect": ["stale_reads == 0"])",
                  "http does not"},
        WrongCase{R"("expect": ["stale_reads == 0"])", "has no \"load\""},
        WrongCase{
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s"}], "expect": ["redundancy_time.p95 < 1s"])",
            "needs \"redundancy\""},
        WrongCase{
            R"("load": {"driver": "redis", "to": "kv"}, "faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "id": "first"}], "expect": ["frist.recovered >= 95%"])",
            "no fault has the id \"frist\"; did you mean \"first\""}));

class WrongTarget : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongTarget, IsRefusedWithAReason) {
    EXPECT_THAT(mistakes_in(std::string(R"({"name": "n", "targets": {"kv": {"command": ["kv"], )") +
                            GetParam().json + "}}}"),
                mistakes_with(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Targets,
    WrongTarget,
    testing::Values(
        WrongCase{R"("args": ["${port.client}"])",
                  "in \"${port.client}\": target \"kv\" has no port \"client\""},
        WrongCase{R"("args": ["${kw[0].port.a}"])", "unknown target \"kw\"; did you mean \"kv\""},
        WrongCase{R"("args": ["${kv[1].dir}"])", "the last is kv[0]"},
        WrongCase{R"("ports": ["a"], "args": ["${kv[0].port.b}"])", "has no port \"b\""},
        WrongCase{R"("args": ["${kv[x].port.b}"])", "does not name an instance"},
        WrongCase{R"("args": ["${kv[0].pid}"])", "unknown template"},
        WrongCase{R"("args": ["${dri}"])", "did you mean \"dir\""},
        WrongCase{R"("args": ["${dir"])", "never closed"},
        WrongCase{R"("args": ["${}"])", "names nothing"},
        WrongCase{R"("args": ["${param.x}"])", "unknown parameter"},
        WrongCase{R"("args": ["${env.FAULTLINE_SURELY_NOT_SET}"])",
                  "FAULTLINE_SURELY_NOT_SET is not set"},
        WrongCase{R"("args": [5])", "expected a text, found the number 5"},
        WrongCase{R"("args": "x")", "expected an array of texts"},
        WrongCase{R"("files": {"../x": ""})", "must stay below ${dir}"},
        WrongCase{R"("files": {"/x": ""})", "must stay below ${dir}"},
        WrongCase{R"("files": {"${dir}/x": ""})", "is taken literally"},
        WrongCase{R"("env": {"A=B": ""})", "has no '='"},
        WrongCase{R"("instances": {"1": {}})", "they go from 0 to 0"},
        WrongCase{R"("instances": {"0": {"count": 2}})", "cannot differ between instances"},
        WrongCase{R"("instances": {"0": {"stop": {"grace": 1}}})",
                  "/targets/kv/instances/0/stop/grace: durations carry a unit"},
        WrongCase{R"("limits": {"memory": "1KiB"})", "out of range"},
        WrongCase{R"("after": ["kv"])", "\"after\" goes in a circle: kv -> kv"}));

TEST(Mistakes, NameTheCircleOfTargets) {
    EXPECT_THAT(mistakes_in(R"({"name": "n", "targets": {"a": {"command": ["a"], "after": ["b"]},
      "b": {"command": ["b"], "after": ["c"]}, "c": {"command": ["c"], "after": ["b"]}}})"),
                mistakes_with("\"after\" goes in a circle: b -> c -> b"));
}

TEST(Mistakes, OfEveryParameterTypeAreCaught) {
    const auto fault = [](const std::string& parameter) {
        return mistakes_in(
            with(R"("faults": [{"fault": "odd.everything", "on": "kv", "at": "1s", )" + parameter +
                 "}]"));
    };
    EXPECT_THAT(fault(R"("boolean": "yes")"),
                mistakes_with("expected true or false, found the text \"yes\""));
    EXPECT_THAT(fault(R"("number": 1.5)"),
                mistakes_with("the number 1.5 is out of range: -1 to 1"));
    EXPECT_THAT(fault(R"("pause": "2s")"), mistakes_with("out of range: 1ms to 1s"));
    EXPECT_THAT(fault(R"("speed": "200/s")"), mistakes_with("out of range: 1/s to 100/s"));
    EXPECT_THAT(fault(R"("size": 64)"), mistakes_with("sizes carry a unit: write \"64KiB\""));
    EXPECT_THAT(fault(R"("size": "2MiB")"), mistakes_with("out of range: 1 B to"));
    EXPECT_THAT(fault(R"("choice": "lefft")"), mistakes_with("did you mean \"left\"?"));
    EXPECT_THAT(fault(R"("other": "kv@leader")"), mistakes_with("unknown role \"leader\""));
    EXPECT_THAT(fault(R"("door": "cleint")"), mistakes_with("did you mean \"client\"?"));
    EXPECT_THAT(fault(R"("friend": "vk")"),
                mistakes_with("unknown target \"vk\"; did you mean \"kv\"?"));
    EXPECT_THAT(fault(R"("labels": {"a": []})"),
                mistakes_with("expected a text, found an empty array"));
    EXPECT_THAT(
        fault(R"("boolean": true, "number": -1, "pause": "5ms", "speed": "1/s", "size": "1KiB",
        "text": "$${x}", "pattern": "a+", "choice": "right", "other": "kv:any", "door": "client", "friend": "kv",
        "words": ["${port.client}"], "weights": {"get": 2}, "labels": {"a": 5, "b": true})"),
        IsEmpty());
}

}  // namespace
}  // namespace faultline
