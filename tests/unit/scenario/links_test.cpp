// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* three_links =
    R"("links": [{"from": "kv", "to": "kv", "port": "peer"},
                 {"from": "load", "to": "kv", "port": "client"},
                 {"from": "proxy", "to": "kv", "port": "client", "shared": true}])";

/// Two targets, a load, `links` (from line 4 on) and `faults` behind it.
std::string linked(const std::string& links, const std::string& more = "") {
    return R"({"name": "n", "targets": {"kv": {"count": 3, "command": ["kv"], "ports": ["client", "peer"]},
      "proxy": {"command": ["proxy"], "ports": ["front"]}},
      "roles": {"kv": {"primary": {"probe": "redis.role", "equals": "master"}}}, "load": {"driver": "redis", "to": "kv"},)"
           "\n" +
           links + (more.empty() ? "" : ",\n" + more) + "}";
}

std::string fault(const std::string& kind, const std::string& on, const std::string& more = "") {
    return R"("faults": [{"fault": ")" + kind + R"(", "on": ")" + on + R"(", "at": "1s")" + more +
           "}]";
}

std::string latency(const std::string& on) {
    return fault("link.latency", on, R"(, "delay": "5ms")");
}

TEST(Links, AreDecoded) {
    const LoadedScenario loaded = load_text(linked(three_links));
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    const Scenario& scenario = loaded.cases.front();
    ASSERT_EQ(scenario.links.size(), 3u);
    EXPECT_EQ(scenario.links[0].from, "kv");
    EXPECT_EQ(scenario.links[0].to, "kv");
    EXPECT_EQ(scenario.links[0].port, "peer");
    EXPECT_FALSE(scenario.links[0].shared);
    EXPECT_EQ(scenario.links[1].from, load_end);
    EXPECT_TRUE(scenario.links[2].shared);
    EXPECT_EQ(scenario.isolation, Isolation::process);
}

TEST(Links, CarryIsolation) {
    for (const auto& [text, isolation] : {std::pair{"process", Isolation::process},
                                          std::pair{"netns", Isolation::netns},
                                          std::pair{"auto", Isolation::automatic}}) {
        const LoadedScenario loaded =
            load_text(with(std::string(R"("isolation": ")") + text + "\""));
        ASSERT_THAT(mistakes_of(loaded), IsEmpty());
        EXPECT_EQ(loaded.cases.front().isolation, isolation);
    }
    EXPECT_THAT(mistakes_in(with(R"("isolation": "netsn")")),
                ElementsAre("s.json:2:14: /isolation: unknown isolation \"netsn\"; did you mean "
                            "\"netns\"?"));
}

TEST(Links, SpanAMatrixAndComeFromBases) {
    const LoadedScenario loaded = load_text(linked(
        R"("links": [{"from": "kv", "to": "kv", "port": "${param.port}"}], "parameters": {"port": ["client", "peer"]})"));
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    ASSERT_EQ(loaded.cases.size(), 2u);
    EXPECT_EQ(loaded.cases[0].links[0].port, "client");
    EXPECT_EQ(loaded.cases[1].links[0].port, "peer");
}

TEST(Links, NameTargetsAndPortsThatExist) {
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": "vk", "to": "kv", "port": "peer"}])")),
                ElementsAre("s.json:4:20: /links/0/from: unknown target \"vk\"; did you mean "
                            "\"kv\"?"));
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": "laod", "to": "kv", "port": "peer"}])")),
                mistakes_with("unknown target \"laod\"; did you mean \"load\"?"));
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": "kv", "to": "kvv", "port": "peer"}])")),
                mistakes_with("unknown target \"kvv\"; did you mean \"kv\"?"));
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": "kv", "to": "kv", "port": "pear"}])")),
                ElementsAre("s.json:4:46: /links/0/port: target \"kv\" has no port \"pear\"; did "
                            "you mean \"peer\"?"));
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": "kv", "to": "load", "port": "peer"}])")),
                mistakes_with("unknown target \"load\""));
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"to": "kv", "port": "peer"}])")),
                mistakes_with("\"from\" is missing: who connects"));
    EXPECT_THAT(mistakes_in(linked(R"("links": {})")),
                mistakes_with("expected an array of links, found an object"));
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": 5, "to": "kv", "port": "peer"}])")),
                mistakes_with("expected the name of a target, or \"load\", found the number 5"));
}

TEST(Links, AreThereOnce) {
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": "kv", "to": "kv", "port": "peer"},
                                      {"from": "kv", "to": "kv", "port": "peer", "shared": true}])")),
                ElementsAre("s.json:5:39: /links/1: the link kv->kv.peer is there twice"));
}

TEST(Links, HaveTwoEnds) {
    EXPECT_THAT(
        mistakes_in(linked(R"("links": [{"from": "proxy", "to": "proxy", "port": "front"}])")),
        mistakes_with("\"proxy\" has one instance, which has no link to itself"));
}

TEST(Links, FromTheLoadGoWhereTheLoadGoes) {
    EXPECT_THAT(
        mistakes_in(linked(R"("links": [{"from": "load", "to": "kv", "port": "peer"}])")),
        ElementsAre("s.json:4:11: /links/0: the load does not connect to kv.peer: it goes to "
                    "kv.client"));
    EXPECT_THAT(
        mistakes_in(linked(R"("links": [{"from": "load", "to": "proxy", "port": "front"}])")),
        mistakes_with("the load does not connect to proxy.front: it goes to kv.client"));
    EXPECT_THAT(mistakes_in(with(R"("links": [{"from": "load", "to": "kv", "port": "client"}])")),
                mistakes_with("the scenario has no \"load\""));
    // The sentinels that the driver asks are places it goes to as well.
    EXPECT_THAT(mistakes_in(R"({"name": "n",
        "targets": {"kv": {"command": ["kv"], "ports": ["client"]}, "guard": {"command": ["g"], "ports": ["client"]}},
        "load": {"driver": "redis", "to": "kv", "sentinel": "guard"},
        "links": [{"from": "load", "to": "guard", "port": "client"}]})"),
                IsEmpty());
}

TEST(Links, AreNotMistakenForATargetCalledLoad) {
    const std::string text =
        R"({"name": "n", "targets": {"load": {"command": ["l"], "ports": ["p"]},
      "kv": {"command": ["kv"], "ports": ["client"]}}, "load": {"driver": "redis", "to": "kv"},
      "links": [{"from": "load", "to": "kv", "port": "client"}]})";
    EXPECT_THAT(mistakes_in(text), mistakes_with("\"load\" is the load here"));
}

TEST(LinkFaults, TakeLinkSelectors) {
    for (const char* on : {"kv->kv.peer",
                           "kv->kv",
                           "kv[0]->kv[1].peer",
                           "kv@primary<->kv:any",
                           "load->kv",
                           "load->kv@primary.client",
                           "proxy->kv.client",
                           "proxy<->kv"}) {
        const LoadedScenario loaded = load_text(linked(three_links, latency(on)));
        ASSERT_THAT(mistakes_of(loaded), IsEmpty()) << on;
        const FaultSpec& decoded = loaded.cases.front().faults.front();
        ASSERT_TRUE(decoded.link);
        EXPECT_EQ(decoded.link->text, on);
        EXPECT_EQ(decoded.on.text, "");
    }
    const LoadedScenario crash = load_text(linked(three_links, fault("process.crash", "kv[1]")));
    EXPECT_FALSE(crash.cases.at(0).faults.front().link);
    EXPECT_EQ(crash.cases.at(0).faults.front().on.index, 1);
}

TEST(LinkFaults, RememberWhatAnEarlierOneHit) {
    const auto two = [](const std::string& first, const std::string& second) {
        return linked(three_links,
                      R"("faults": [{"id": "first", "at": "1s", )" + first + R"(}, {"at": "2s", )" +
                          second + "}]");
    };
    const std::string crash = R"("fault": "process.crash", "on": "kv:any")";
    const std::string cut = R"("fault": "link.partition", "on": "kv:any->kv.peer")";
    EXPECT_THAT(mistakes_in(two(crash, R"("fault": "link.partition", "on": "$first->kv.peer")")),
                IsEmpty());
    EXPECT_THAT(mistakes_in(two(cut, R"("fault": "link.latency", "on": "$first", "delay": "1ms")")),
                IsEmpty());
    EXPECT_THAT(mistakes_in(two(cut, R"("fault": "process.crash", "on": "$first")")),
                ElementsAre(HasSubstr("first hits links, so \"$first\" means no instance")));
    EXPECT_THAT(mistakes_in(two(cut, R"("fault": "link.partition", "on": "$first->kv.peer")")),
                ElementsAre(HasSubstr("first hits links, so \"$first\" means no instance")));
    EXPECT_THAT(
        mistakes_in(two(crash, R"("fault": "link.partition", "on": "$first")")),
        ElementsAre(HasSubstr("first hits instances, so \"$first\" means no link; write for "
                              "example $first->kv")));
    EXPECT_THAT(mistakes_in(two(crash, R"("fault": "link.partition", "on": "$frist")")),
                mistakes_with("\"$frist\" names no earlier injection; did you mean \"first\"?"));
    EXPECT_THAT(mistakes_in(two(crash, R"("fault": "link.partition", "on": "$frist->kv.peer")")),
                mistakes_with("\"$frist\" names no earlier injection; did you mean \"first\"?"));
}

TEST(LinkFaults, NameLinksThatExist) {
    const auto mistake = [](const char* on) {
        return mistakes_in(linked(three_links, latency(on)));
    };
    EXPECT_THAT(mistake("kv->kv.client"),
                ElementsAre("s.json:7:44: /faults/0/on: \"kv->kv.client\" matches no link in "
                            "\"links\"; did you mean \"load->kv.client\"?"));
    EXPECT_THAT(mistake("kv->kv.pear"),
                mistakes_with("\"kv->kv.pear\" matches no link in \"links\"; did you mean "
                              "\"kv->kv.peer\"?"));
    EXPECT_THAT(mistake("kv->proxy.front"), mistakes_with("matches no link in \"links\""));
    EXPECT_THAT(mistake("kv[0]->kv[0].peer"),
                mistakes_with("never means a link: an instance has none to itself"));
    EXPECT_THAT(mistake("kv[0]->kv[3].peer"), mistakes_with("there is no kv[3]: \"count\" is 3"));
    EXPECT_THAT(
        mistake("kv@primry->kv.peer"),
        mistakes_with("unknown role \"primry\" of target \"kv\"; did you mean \"primary\"?"));
    EXPECT_THAT(mistake("vk->kv.peer"), mistakes_with("unknown target \"vk\""));
    EXPECT_THAT(mistake("kv->"), mistakes_with("is not a link selector"));
    EXPECT_THAT(mistakes_in(linked(R"("links": [])", latency("kv->kv.peer"))),
                mistakes_with(R"(add {"from": "kv", "to": "kv", "port": "peer"} to "links")"));
}

TEST(LinkFaults, NeedThePortWhereThereAreSeveral) {
    const std::string links = R"("links": [{"from": "kv", "to": "kv", "port": "peer"},
                                           {"from": "kv", "to": "kv", "port": "client"}])";
    EXPECT_THAT(mistakes_in(linked(links, latency("kv->kv"))),
                mistakes_with("leaves the port out, but there are several: kv->kv.peer, "
                              "kv->kv.client"));
    EXPECT_THAT(mistakes_in(linked(links, latency("kv->kv.client"))), IsEmpty());
}

TEST(LinkFaults, AreNotJudgedByBrokenLinks) {
    EXPECT_THAT(mistakes_in(linked(R"("links": [{"from": "kv", "to": "kv", "port": "pear"}])",
                                   latency("kv->kv.peer"))),
                mistakes_with("has no port \"pear\""));
}

TEST(LinkFaults, AndOthersSayWhatTheyArePutOn) {
    EXPECT_THAT(mistakes_in(linked(three_links, fault("process.crash", "kv->kv.peer"))),
                ElementsAre("s.json:7:45: /faults/0/on: \"kv->kv.peer\" means links, and "
                            "process.crash is put on instances; these are put on links: "
                            "link.latency, link.loss, link.partition"));
    EXPECT_THAT(mistakes_in(linked(three_links, latency("kv@primary"))),
                ElementsAre("s.json:7:44: /faults/0/on: \"kv@primary\" means instances, and "
                            "link.latency is put on links; write for example \"kv->kv.peer\""));
    EXPECT_THAT(
        mistakes_in(
            linked(three_links, R"("faults": [{"fault": "link.partition", "on": 5, "at": "1s"}])")),
        mistakes_with("expected a link selector such as \"kv@primary->kv.peer\""));
}

TEST(LinkFaults, ThatNeedPacketsNeedNamespaces) {
    EXPECT_THAT(
        mistakes_in(linked(three_links, fault("link.loss", "kv->kv.peer"))),
        ElementsAre("s.json:7:22: /faults/0/fault: link.loss needs a network that the kernel "
                    "carries: set \"isolation\" to \"netns\" or \"auto\""));
    for (const char* isolation : {"netns", "auto"}) {
        EXPECT_THAT(
            mistakes_in(linked(std::string(three_links) + R"(, "isolation": ")" + isolation + "\"",
                               fault("link.loss", "kv->kv.peer"))),
            IsEmpty());
    }
}

TEST(LinkFaults, CheckTheirGroups) {
    const auto partition = [](const std::string& groups) {
        return linked(three_links, fault("link.partition", "kv->kv", R"(, "groups": )" + groups));
    };
    const LoadedScenario loaded = load_text(partition(R"(["kv@primary, load", "kv[1],kv[2]"])"));
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    EXPECT_THAT(loaded.cases[0].faults[0].parameters.get<std::vector<std::string>>("groups"),
                ElementsAre("kv@primary, load", "kv[1],kv[2]"));
    EXPECT_THAT(mistakes_in(partition(R"(["kv@primry"])")),
                ElementsAre(HasSubstr("/faults/0/groups/0: unknown role \"primry\"")));
    EXPECT_THAT(mistakes_in(partition(R"(["kv[0]", "kv[7]"])")),
                ElementsAre(HasSubstr("/faults/0/groups/1: there is no kv[7]")));
    EXPECT_THAT(mistakes_in(partition(R"(["kv[0] kv[1]"])")), mistakes_with("is not a selector"));
    EXPECT_THAT(mistakes_in(partition(R"(["$later"])")),
                mistakes_with("names no earlier injection"));
    EXPECT_THAT(mistakes_in(partition(R"([5])")), mistakes_with("expected selectors such as"));
    EXPECT_THAT(mistakes_in(partition(R"("kv")")), mistakes_with("expected an array of groups"));
}

TEST(LinkTemplates, NameInstancesAndTheirPorts) {
    const auto in_command = [](const std::string& text) {
        return R"({"name": "n", "targets": {"kv": {"count": 2, "ports": ["client"], "command": [")" +
               text + "\"]}}}";
    };
    for (const char* good :
         {"${to.kv[1].port.client}", "${to.port.client}", "${host}", "${kv[1].host}"}) {
        EXPECT_THAT(mistakes_in(in_command(good)), IsEmpty()) << good;
    }
    EXPECT_THAT(mistakes_in(in_command("${to.kv[2].port.client}")),
                mistakes_with("there is no kv[2]"));
    EXPECT_THAT(mistakes_in(in_command("${to.kv[1].port.peer}")),
                mistakes_with("target \"kv\" has no port \"peer\""));
    EXPECT_THAT(mistakes_in(in_command("${to.vk[1].port.client}")),
                mistakes_with("unknown target \"vk\""));
    for (const char* wrong : {"${to.kv.port.client}", "${to.kv[1].dir}"}) {
        EXPECT_THAT(mistakes_in(in_command(wrong)),
                    mistakes_with("does not name a port of an instance; write for example "
                                  "${to.kv[1].port.peer}"))
            << wrong;
    }
    EXPECT_THAT(mistakes_in(in_command("${kv[1].hots}")), mistakes_with("did you mean"));
    EXPECT_THAT(mistakes_in(with(R"("faults": [{"fault": "odd.everything", "on": "kv", "at": "1s",
                                    "text": "${to.kv[1].port.client} ${host}"}])")),
                IsEmpty());
}

}  // namespace
}  // namespace faultline
