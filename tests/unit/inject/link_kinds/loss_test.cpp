// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/link_kinds/fake_network.hpp"
#include "tests/unit/inject/link_kinds/fault_rig.hpp"

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;

TEST(LinkLoss, LosesTheShareOnItsPathsUntilItIsCleared) {
    FakeNetwork network;
    FaultRig rig;
    rig.add_link("kv[0]", "kv[1]", network);
    rig.add_link("load", "kv[1]", network);
    network.drop("kv[0]>kv[1]");  // by something else, before
    const auto fault = rig.fault("link.loss", {{"share", 0.05}});
    ASSERT_TRUE(fault->apply());
    const std::map<std::string, double> expected{
        {"kv[0]>kv[1]", 0.05}, {"kv[1]>kv[0]", 0.05}, {"load>kv[1]", 0.05}, {"kv[1]>load", 0.05}};
    EXPECT_EQ(network.losses(), expected);
    EXPECT_EQ(fault->prove(now()).effect, Effect::unconfirmed);
    network.drop("kv[1]>load");
    EXPECT_EQ(fault->prove(now()).evidence, "1 packet dropped");
    EXPECT_EQ(fault->prove(now()).effect, Effect::confirmed);
    ASSERT_TRUE(fault->clear());
    for (const auto& [path, share] : network.losses())
        EXPECT_EQ(share, 0) << path;
    EXPECT_EQ(fault->account(), "in all 1 packet dropped");
}

TEST(LinkLoss, HasADirection) {
    FakeNetwork network;
    FaultRig rig;
    rig.add_link("kv[0]", "kv[1]", network);
    const auto fault =
        rig.fault("link.loss", {{"share", 1.0}, {"direction", std::string("downstream")}});
    ASSERT_TRUE(fault->apply());
    EXPECT_EQ(network.losses(), (std::map<std::string, double>{{"kv[1]>kv[0]", 1.0}}));
    ASSERT_TRUE(fault->clear());
}

TEST(LinkLoss, RefusesProxiesAndSharesOutsideItsRange) {
    FakeNetwork network;
    FaultRig rig;
    rig.add_link("kv[0]", "kv[1]", network);
    for (const double share : {0.0, -1.0, 1.5, 1e-9})
        EXPECT_THAT(rig.refusal("link.loss", {{"share", share}}), HasSubstr("between 0.01 %"));
    FaultRig proxied;
    proxied.add_link("kv[0]", "kv[1]");
    EXPECT_THAT(proxied.refusal("link.loss", {{"share", 0.5}}), HasSubstr("knows no packets"));
}

}  // namespace
}  // namespace faultline::testing
