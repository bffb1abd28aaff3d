// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/link_kinds/fake_network.hpp"
#include "tests/unit/inject/link_kinds/fault_rig.hpp"

namespace faultline::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Texts = std::vector<std::string>;

/// Links from everyone to everyone else.
void join_all(FaultRig& rig, int count, KernelNetwork* network = nullptr) {
    for (int from = 0; from < count; ++from) {
        for (int to = 0; to < count; ++to) {
            if (from == to) continue;
            const std::string one = "kv[" + std::to_string(from) + "]";
            const std::string other = "kv[" + std::to_string(to) + "]";
            if (network == nullptr) {
                rig.add_link(one, other);
            } else {
                rig.add_link(one, other, *network);
            }
        }
    }
}

void resolve_to(FaultRig& rig) {
    rig.resolved = {{"kv@primary", {"kv[0]"}},
                    {"kv@secondary", {"kv[1]", "kv[2]"}},
                    {"kv[0]", {"kv[0]"}},
                    {"kv[1]", {"kv[1]"}},
                    {"kv[2]", {"kv[2]"}},
                    {"kv", {"kv[0]", "kv[1]", "kv[2]"}},
                    {"load", {"load"}}};
}

FaultRig::Written split(const Texts& groups) {
    return {{"groups", groups}};
}

TEST(LinkPartition, HoldsWhatCrossesItAndLetsItArriveAfterTheHeal) {
    FaultRig rig;
    resolve_to(rig);
    rig.add_link("kv[0]", "kv[1]");
    rig.add_link("kv[1]", "kv[2]");
    auto across = rig.talk(0);
    auto within = rig.talk(1);
    ASSERT_TRUE(across.passes());
    const auto fault = rig.fault("link.partition", split({"kv@primary", "kv@secondary"}));
    ASSERT_TRUE(fault->apply());
    EXPECT_EQ(fault->prove(now()).effect, Effect::unconfirmed);
    EXPECT_THAT(fault->prove(now()).evidence, HasSubstr("1 of 2 links cut; nothing has been sent"));
    ASSERT_TRUE(across.client.send("up"));
    ASSERT_TRUE(across.server.send("down"));
    const Proof proof = proof_of(*fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed);
    EXPECT_THAT(proof.evidence, HasSubstr("1 of 2 links cut; "));
    EXPECT_FALSE(proof.began);
    EXPECT_TRUE(within.passes());
    Wire later = Wire::connect(rig.address(0));
    ASSERT_TRUE(later.send("late"));
    EXPECT_FALSE(across.server.readable_now());
    EXPECT_FALSE(across.client.readable_now());
    EXPECT_FALSE(rig.server(0).somebody_waits());
    ASSERT_TRUE(fault->clear());
    EXPECT_EQ(across.server.read(2), "up");
    EXPECT_EQ(across.client.read(4), "down");
    EXPECT_EQ(rig.server(0).accept().read(4), "late");
    ASSERT_TRUE(fault->clear());
    EXPECT_THAT(fault->account(), HasSubstr("in all "));
    EXPECT_EQ(fault->mechanism(), "proxy of 1 link");
    EXPECT_EQ(fault->prove_within(), Duration::zero());
}

TEST(LinkPartition, OneWayHoldsWhatTheFirstGroupSendsWhoeverConnected) {
    FaultRig rig;
    resolve_to(rig);
    rig.add_link("kv[0]", "kv[1]");
    rig.add_link("kv[1]", "kv[0]");
    auto dialled = rig.talk(0);   // kv[0] connected: what it sends goes up
    auto accepted = rig.talk(1);  // kv[1] connected: what kv[0] sends goes down
    const auto fault = rig.fault(
        "link.partition", {{"groups", Texts{"kv[0]", "kv[1]"}}, {"shape", std::string("one-way")}});
    ASSERT_TRUE(fault->apply());
    ASSERT_TRUE(dialled.client.send("held"));
    ASSERT_TRUE(accepted.server.send("held"));
    EXPECT_EQ(proof_of(*fault, now()).effect, Effect::confirmed);
    ASSERT_TRUE(dialled.server.send("flows"));
    ASSERT_TRUE(accepted.client.send("flows"));
    EXPECT_EQ(dialled.client.read(5), "flows");
    EXPECT_EQ(accepted.server.read(5), "flows");
    EXPECT_FALSE(dialled.server.readable_now());
    EXPECT_FALSE(accepted.client.readable_now());
    ASSERT_TRUE(fault->clear());
    EXPECT_EQ(dialled.server.read(4), "held");
    EXPECT_EQ(accepted.client.read(4), "held");
}

TEST(LinkPartition, ResetsAndRefusesWhenAsked) {
    FaultRig rig;
    resolve_to(rig);
    rig.add_link("kv[0]", "kv[1]");
    auto talk = rig.talk();
    ASSERT_TRUE(talk.passes());
    const auto fault = rig.fault(
        "link.partition", {{"groups", Texts{"kv[0]", "kv[1]"}}, {"mode", std::string("reset")}});
    ASSERT_TRUE(fault->apply());
    EXPECT_EQ(talk.client.wait_for_end(), Ending::reset);
    EXPECT_FALSE(Wire::connect(rig.address()));
    EXPECT_EQ(fault->prove(now()).effect, Effect::confirmed);
    ASSERT_TRUE(fault->clear());
    EXPECT_TRUE(rig.talk().passes());
}

TEST(LinkPartition, ProvesRefusalWithoutTraffic) {
    FaultRig rig;
    resolve_to(rig);
    rig.add_link("kv[0]", "kv[1]");
    const auto fault = rig.fault(
        "link.partition", {{"groups", Texts{"kv[0]", "kv[1]"}}, {"mode", std::string("reset")}});
    ASSERT_TRUE(fault->apply());
    EXPECT_THAT(fault->prove(now()).evidence,
                HasSubstr("connecting to " + rig.address() + " is refused"));
    ASSERT_TRUE(fault->clear());
}

TEST(LinkPartition, FlapsUntilItIsCleared) {
    FaultRig rig;
    resolve_to(rig);
    rig.add_link("kv[0]", "kv[1]");
    const auto fault =
        rig.fault("link.partition",
                  {{"groups", Texts{"kv[0]", "kv[1]"}}, {"period", Duration(milliseconds(10))}});
    ASSERT_TRUE(fault->apply());
    auto talk = rig.talk();
    // Everything arrives, at the latest after the next heal, and some of it was held.
    ASSERT_TRUE(eventually([&] {
        EXPECT_TRUE(talk.passes());
        return fault->prove(now()).effect == Effect::confirmed;
    }));
    ASSERT_TRUE(fault->clear());
    EXPECT_TRUE(talk.passes());
    EXPECT_THAT(fault->account(), HasSubstr(" times"));
}

TEST(LinkPartition, LetsTheKernelDropWhereItCarriesTheLinks) {
    FakeNetwork network;
    FaultRig rig;
    resolve_to(rig);
    join_all(rig, 3, &network);
    const auto fault = rig.fault("link.partition", split({"kv@primary", "kv@secondary"}));
    ASSERT_TRUE(fault->apply());
    EXPECT_THAT(network.cuts(),
                ElementsAre("kv[0]>kv[1]", "kv[0]>kv[2]", "kv[1]>kv[0]", "kv[2]>kv[0]"));
    EXPECT_EQ(fault->prove(now()).effect, Effect::unconfirmed);
    network.drop("kv[0]>kv[2]");
    const Proof proof = fault->prove(now());
    EXPECT_EQ(proof.effect, Effect::confirmed);
    EXPECT_EQ(proof.evidence, "4 of 6 links cut; 1 packet dropped");
    EXPECT_EQ(fault->mechanism(), "a pretended kernel");
    ASSERT_TRUE(fault->clear());
    ASSERT_TRUE(fault->clear());
    EXPECT_THAT(network.cuts(), IsEmpty());
}

TEST(LinkPartition, AsksTheKernelWhereAProxyCarriesTheLinkToo) {
    FakeNetwork network;
    FaultRig rig;
    resolve_to(rig);
    join_all(rig, 2);
    rig.carry(network);
    const auto fault = rig.fault("link.partition", split({"kv[0]", "kv[1]"}));
    EXPECT_EQ(fault->mechanism(), "a pretended kernel");
    ASSERT_TRUE(fault->apply());
    EXPECT_THAT(network.cuts(), ElementsAre("kv[0]>kv[1]", "kv[1]>kv[0]"));
    EXPECT_TRUE(rig.talk().passes());  // no packet of ours passes the pretended kernel
    ASSERT_TRUE(fault->clear());
}

TEST(LinkPartition, ResetsByTheProxyAndLetsThePacketsThatTellItPass) {
    FakeNetwork network;
    FaultRig rig;
    resolve_to(rig);
    join_all(rig, 2);
    rig.carry(network);
    auto talk = rig.talk();
    const auto fault = rig.fault(
        "link.partition", {{"groups", Texts{"kv[0]", "kv[1]"}}, {"mode", std::string("reset")}});
    ASSERT_TRUE(fault->apply());
    EXPECT_THAT(network.cuts(), IsEmpty());
    EXPECT_EQ(proof_of(*fault, now()).effect, Effect::confirmed);
    ASSERT_TRUE(fault->clear());
}

TEST(LinkPartition, FlapsInTheKernelAndEndsHealed) {
    FakeNetwork network;
    FaultRig rig;
    resolve_to(rig);
    join_all(rig, 2, &network);
    const auto fault =
        rig.fault("link.partition",
                  {{"groups", Texts{"kv[0]", "kv[1]"}}, {"period", Duration(milliseconds(10))}});
    ASSERT_TRUE(fault->apply());
    ASSERT_TRUE(eventually([&] { return network.changes() > 6; }));
    ASSERT_TRUE(fault->clear());
    EXPECT_THAT(network.cuts(), IsEmpty());
    const int changes = network.changes();
    ASSERT_TRUE(fault->clear());
    EXPECT_EQ(network.changes(), changes);
}

TEST(LinkPartition, TellsWhatTheKernelRefused) {
    FakeNetwork network;
    FaultRig rig;
    resolve_to(rig);
    join_all(rig, 2, &network);
    const auto fault = rig.fault("link.partition", split({"kv[0]", "kv[1]"}));
    network.let_fail();
    const auto done = fault->apply();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "the kernel says no");
}

TEST(LinkPartition, CutsTheShapesItNames) {
    const auto cut = [](const std::string& shape, const Texts& groups, int count) {
        FakeNetwork network;
        FaultRig rig;
        resolve_to(rig);
        join_all(rig, count, &network);
        const auto fault = rig.fault("link.partition", {{"groups", groups}, {"shape", shape}});
        EXPECT_TRUE(fault->apply());
        const auto cuts = network.cuts();
        EXPECT_TRUE(fault->clear());
        return cuts;
    };
    EXPECT_THAT(cut("one-way", {"kv@primary"}, 3), ElementsAre("kv[0]>kv[1]", "kv[0]>kv[2]"));
    EXPECT_THAT(cut("isolate", {"kv@primary"}, 2), ElementsAre("kv[0]>kv[1]", "kv[1]>kv[0]"));
    EXPECT_THAT(cut("ring", {}, 4),
                ElementsAre("kv[0]>kv[2]", "kv[1]>kv[3]", "kv[2]>kv[0]", "kv[3]>kv[1]"));
    EXPECT_THAT(cut("bridge", {}, 3), ElementsAre("kv[0]>kv[2]", "kv[2]>kv[0]"));
}

TEST(LinkPartition, TakesSeveralSelectorsInAGroup) {
    FakeNetwork network;
    FaultRig rig;
    resolve_to(rig);
    join_all(rig, 3, &network);
    const auto fault = rig.fault("link.partition", split({" kv[0] ,\tkv[1]", "kv[2]"}));
    ASSERT_TRUE(fault->apply());
    EXPECT_THAT(network.cuts(),
                ElementsAre("kv[0]>kv[2]", "kv[1]>kv[2]", "kv[2]>kv[0]", "kv[2]>kv[1]"));
    ASSERT_TRUE(fault->clear());
}

TEST(LinkPartition, RefusesWhatMakesNoSense) {
    FaultRig rig;
    resolve_to(rig);
    join_all(rig, 2);
    const auto refusal = [&](const FaultRig::Written& written) {
        return rig.refusal("link.partition", written);
    };
    EXPECT_THAT(refusal({}), HasSubstr("split needs two groups"));
    EXPECT_THAT(refusal(split({"kv[0]", "kv@witness"})),
                HasSubstr("\"kv@witness\" matches no instance now"));
    EXPECT_THAT(refusal(split({"kv[0],", "kv[1]"})), HasSubstr("a selector is missing"));
    EXPECT_THAT(refusal(split({"kv@primary", "kv"})), HasSubstr("nobody can be on two sides"));
    EXPECT_THAT(refusal(split({"kv[2]", "load"})), HasSubstr("none of the 2 links"));
    EXPECT_THAT(refusal({{"shape", std::string("ring")}}), HasSubstr("4 instances"));
    EXPECT_THAT(refusal({{"groups", Texts{"kv[0]", "kv[1]"}},
                         {"shape", std::string("one-way")},
                         {"mode", std::string("reset")}}),
                HasSubstr("one way only"));
    for (const auto period : {Duration(milliseconds(9)), Duration(hours(2)), Duration(-1)}) {
        EXPECT_THAT(refusal({{"groups", Texts{"kv[0]", "kv[1]"}}, {"period", period}}),
                    HasSubstr("between 10ms and 3600s"));
    }
    FakeNetwork network;
    FaultRig in_kernel;
    resolve_to(in_kernel);
    join_all(in_kernel, 2, &network);
    EXPECT_THAT(
        in_kernel.refusal("link.partition",
                          {{"groups", Texts{"kv[0]", "kv[1]"}}, {"mode", std::string("reset")}}),
        HasSubstr("carried by the kernel"));
}

}  // namespace
}  // namespace faultline::testing
