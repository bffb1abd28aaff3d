// SPDX-License-Identifier: Apache-2.0
// Faults of a scenario on links of a real engine, with real sockets.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/link_kinds/fake_network.hpp"
#include "tests/unit/inject/link_kinds/fault_rig.hpp"

namespace faultline::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

Instant applied(Fault& fault) {
    const auto done = fault.apply();
    EXPECT_TRUE(done) << done.error().message;
    return now();
}

void clear(Fault& fault) {
    const auto done = fault.clear();
    EXPECT_TRUE(done) << done.error().message;
}

TEST(LinkFault, DelaysUntilItIsCleared) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    auto talk = rig.talk();
    ASSERT_TRUE(talk.passes());
    const auto fault = rig.fault("link.latency", {{"delay", Duration(hours(1))}});
    const Instant at = applied(*fault);
    EXPECT_EQ(fault->prove(at).effect, Effect::unconfirmed);
    EXPECT_EQ(fault->prove(at).evidence, "nothing has happened on 1 link yet");
    EXPECT_EQ(fault->prove_within(), std::chrono::seconds(10));
    ASSERT_TRUE(talk.client.send("abc"));
    const Proof proof = proof_of(*fault, at);
    EXPECT_EQ(proof.effect, Effect::confirmed);
    EXPECT_THAT(proof.evidence, HasSubstr("chunk"));
    EXPECT_FALSE(proof.began) << "it is in force from the call on";
    EXPECT_TRUE(proof.observed && *proof.observed <= now());
    EXPECT_FALSE(talk.server.readable_now());
    clear(*fault);
    EXPECT_EQ(talk.server.read(3), "abc");
    EXPECT_THAT(fault->account(), HasSubstr("in all "));
    EXPECT_THAT(fault->account(), HasSubstr("on 1 connection"));
    EXPECT_EQ(fault->prove_within(), Duration::zero());
    clear(*fault);
    EXPECT_TRUE(talk.passes());
    EXPECT_EQ(fault->mechanism(), "proxy of 1 link");
}

TEST(LinkFault, IsPutOnEveryLinkAndLeavesOthersAlone) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    rig.add_link("load", "kv[1]");
    const auto fault = rig.fault("link.stall", {{"new", std::string("through")}});
    rig.add_link("load", "kv[2]");  // came after
    static_cast<void>(applied(*fault));
    for (const std::size_t link : {0U, 1U}) {
        auto talk = rig.talk(link);
        ASSERT_TRUE(talk.client.send("abc"));
        EXPECT_EQ(proof_of(*fault, now()).effect, Effect::confirmed);
        EXPECT_FALSE(talk.server.readable_now());
    }
    EXPECT_TRUE(rig.talk(2).passes());
    clear(*fault);
    EXPECT_EQ(fault->mechanism(), "proxy of 2 links");
}

TEST(LinkFault, RefusesAndProvesItByAnAttemptOfItsOwn) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    rig.add_link("load", "kv[1]");
    const auto fault = rig.fault("link.down", {});
    const Instant at = applied(*fault);
    const Proof proof = fault->prove(at);
    EXPECT_EQ(proof.effect, Effect::confirmed);
    EXPECT_EQ(proof.evidence, "connecting to " + rig.address() + " is refused, as on all 2 links");
    EXPECT_FALSE(Wire::connect(rig.address()));
    EXPECT_FALSE(Wire::connect(rig.address(1)));
    clear(*fault);
    EXPECT_TRUE(rig.talk().passes());
    EXPECT_TRUE(rig.talk(1).passes());
}

TEST(LinkFault, ResetsWhatIsOpenWhenItGoesDown) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    auto talk = rig.talk();
    ASSERT_TRUE(talk.passes());
    const auto fault = rig.fault("link.down", {});
    const Instant at = applied(*fault);
    EXPECT_EQ(talk.client.wait_for_end(), Ending::reset);
    EXPECT_EQ(talk.server.wait_for_end(), Ending::reset);
    const Proof proof = fault->prove(at);
    EXPECT_EQ(proof.effect, Effect::confirmed);
    EXPECT_EQ(proof.evidence, "1 connection reset on 1 connection");
    EXPECT_FALSE(proof.began);
    clear(*fault);
}

TEST(LinkFault, KeepsWhatIsOpenWhenToldTo) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    auto talk = rig.talk();
    const auto fault =
        rig.fault("link.down", {{"open", std::string("keep")}, {"mode", std::string("silent")}});
    const Instant at = applied(*fault);
    EXPECT_TRUE(talk.passes());
    Wire silent = Wire::connect(rig.address());
    ASSERT_TRUE(silent.send("abc"));
    EXPECT_EQ(proof_of(*fault, at).effect, Effect::confirmed);
    EXPECT_FALSE(silent.readable_now());
    EXPECT_FALSE(rig.server().somebody_waits());
    clear(*fault);
    Wire other_end = rig.server().accept();
    EXPECT_EQ(other_end.read(3), "abc");
}

TEST(LinkFault, ResetsOpenConnectionsAndSparesLaterOnes) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    auto talk = rig.talk();
    ASSERT_TRUE(talk.passes());
    const auto fault = rig.fault("link.reset", {});
    const Instant at = applied(*fault);
    EXPECT_EQ(talk.client.wait_for_end(), Ending::reset);
    const Proof proof = fault->prove(at);
    EXPECT_EQ(proof.effect, Effect::confirmed);
    EXPECT_FALSE(proof.began) << "it acted within the call";
    EXPECT_TRUE(rig.talk().passes());
    clear(*fault);
    EXPECT_EQ(fault->account(), "in all 1 connection reset on 2 connections");
}

TEST(LinkFault, ResetsOnlyLaterConnectionsWhenAsked) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    auto open = rig.talk();
    ASSERT_TRUE(open.passes());
    const auto fault = rig.fault("link.reset", {{"open", std::string("keep")}, {"new", true}});
    const Instant at = applied(*fault);
    Wire later = Wire::connect(rig.address());
    EXPECT_EQ(later.wait_for_end(), Ending::reset);
    const Proof proof = proof_of(*fault, at);
    EXPECT_EQ(proof.effect, Effect::confirmed);
    ASSERT_TRUE(proof.began) << "it waited for its moment";
    EXPECT_GT(*proof.began, at);
    EXPECT_TRUE(open.passes());
    clear(*fault);
}

TEST(LinkFault, ResetsIdleOpenConnectionsAfterTheirTime) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    auto talk = rig.talk();
    ASSERT_TRUE(talk.passes());
    const auto fault = rig.fault(
        "link.reset", {{"open", std::string("later")}, {"after_time", Duration(milliseconds(20))}});
    const Instant at = applied(*fault);
    EXPECT_EQ(talk.client.wait_for_end(), Ending::reset);
    EXPECT_EQ(talk.server.wait_for_end(), Ending::reset);
    const Proof proof = proof_of(*fault, at);
    ASSERT_TRUE(proof.began);
    EXPECT_GE(*proof.began - at, milliseconds(0));
    EXPECT_TRUE(rig.talk().passes());
    clear(*fault);
}

TEST(LinkFault, ClosesAfterExactlyItsBytes) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    const auto fault = rig.fault("link.limit", {{"bytes", std::int64_t{100'000}}});
    const Instant at = applied(*fault);
    auto talk = rig.talk();
    const std::string sent = noise(300'000, 1);
    static_cast<void>(talk.server.send(sent));
    EXPECT_EQ(talk.client.read_to_end(), sent.substr(0, 100'000));
    EXPECT_EQ(talk.client.ending(), Ending::end);
    const Proof proof = proof_of(*fault, at);
    EXPECT_EQ(proof.evidence, "1 connection closed on 1 connection");
    EXPECT_TRUE(proof.began);
    clear(*fault);
}

TEST(LinkFault, CorruptsExactlyTheBitsItCounts) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    const auto fault = rig.fault("link.corrupt", {{"every", std::int64_t{1000}}});
    const Instant at = applied(*fault);
    auto talk = rig.talk();
    const std::string sent = noise(200'000, 1);
    ASSERT_TRUE(talk.client.send(sent));
    talk.client.finish();
    const std::string got = talk.server.read_to_end();
    ASSERT_EQ(got.size(), sent.size());
    std::size_t bits = 0;
    for (std::size_t index = 0; index < sent.size(); ++index)
        bits += static_cast<std::size_t>(
            __builtin_popcount(static_cast<unsigned char>(sent[index] ^ got[index])));
    EXPECT_EQ(proof_of(*fault, at).effect, Effect::confirmed);
    EXPECT_THAT(fault->account(), HasSubstr("in all " + std::to_string(bits) + " bits flipped"));
    clear(*fault);
}

TEST(LinkFault, SlicesAndPacesWithoutLosingAByte) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    const auto slices = rig.fault("link.slice",
                                  {{"average", std::int64_t{1000}},
                                   {"variation", std::int64_t{900}},
                                   {"delay", Duration(std::chrono::microseconds(10))}});
    const auto pace = rig.fault("link.bandwidth", {{"rate", std::int64_t{20'000'000}}});
    const auto wait = rig.fault("link.latency", {{"delay", Duration(milliseconds(2))}});
    for (Fault* fault : {slices.get(), pace.get(), wait.get()})
        static_cast<void>(applied(*fault));
    auto talk = rig.talk();
    const std::string sent = noise(400'000, 1);
    ASSERT_TRUE(talk.server.send(sent));
    talk.server.finish();
    EXPECT_EQ(talk.client.read_to_end(), sent);
    EXPECT_EQ(talk.client.ending(), Ending::end);
    EXPECT_TRUE(talk.client.send("x"));
    EXPECT_EQ(talk.server.read(1), "x");
    for (Fault* fault : {wait.get(), slices.get(), pace.get()}) {
        EXPECT_EQ(fault->prove(now()).effect, Effect::confirmed);
        clear(*fault);
    }
}

/// Which of some connections in a row are hit.
std::vector<bool> hit_of(std::uint64_t seed, double probability) {
    FaultRig rig(seed);
    rig.add_link("load", "kv[0]");
    const auto fault = rig.fault("link.corrupt", {{"rate", 1.0}, {"probability", probability}});
    static_cast<void>(applied(*fault));
    std::vector<bool> hit;
    for (int count = 0; count < 40; ++count) {
        auto talk = rig.talk();
        EXPECT_TRUE(talk.client.send("ping"));
        hit.push_back(talk.server.read(4) != "ping");
    }
    clear(*fault);
    const auto hits = std::count(hit.begin(), hit.end(), true);
    EXPECT_THAT(fault->account(), HasSubstr(fmt::format("on {} connection", hits)));
    return hit;
}

TEST(LinkFault, IsForItsShareOfConnectionsWhichTheSeedDraws) {
    EXPECT_EQ(hit_of(1, 0), std::vector<bool>(40, false));
    EXPECT_EQ(hit_of(1, 1), std::vector<bool>(40, true));
    const auto half = hit_of(1, 0.5);
    const auto hits = std::count(half.begin(), half.end(), true);
    EXPECT_GT(hits, 8);
    EXPECT_LT(hits, 32);
    EXPECT_EQ(hit_of(1, 0.5), half);
    EXPECT_NE(hit_of(2, 0.5), half);
}

TEST(LinkFault, SaysWhenTheKernelCarriesTheLink) {
    FakeNetwork network;
    FaultRig rig;
    rig.add_link("kv[0]", "kv[1]", network);
    EXPECT_THAT(rig.refusal("link.latency", {{"delay", Duration(milliseconds(1))}}),
                HasSubstr("kv[0]->kv[1].peer is carried by the kernel"));
}

TEST(LinkFault, RefusesParametersBeforeAnythingIsPrepared) {
    FaultRig rig;
    rig.add_link("load", "kv[0]");
    EXPECT_THAT(rig.refusal("link.latency", {}), HasSubstr("\"delay\" is missing"));
    EXPECT_THAT(rig.refusal("link.bandwidth", {{"rate", std::int64_t{0}}}), HasSubstr("\"rate\""));
}

}  // namespace
}  // namespace faultline::testing
