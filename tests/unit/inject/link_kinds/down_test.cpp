// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/down.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

TEST(LinkDown, RefusesAndResetsUnlessToldOtherwise) {
    const auto effect = made_by(link_down(), {});
    EXPECT_EQ(effect->door(), Door::refuse);
    EXPECT_EQ(effect->open_connections(), OpenConnections::reset);
    EXPECT_EQ(effect->when_removed(), OpenConnections::keep);
}

TEST(LinkDown, IsWhatItsParametersSay) {
    const auto effect =
        made_by(link_down(), {{"mode", std::string("silent")}, {"open", std::string("close")}});
    EXPECT_EQ(effect->door(), Door::silent);
    EXPECT_EQ(effect->open_connections(), OpenConnections::close);
    const auto kept = made_by(link_down(), {{"open", std::string("keep")}});
    EXPECT_EQ(kept->open_connections(), OpenConnections::keep);
    Tally tally;
    VirtualConnection connection;
    connection.attach(*kept, tally);
    connection.push(Way::up, "a");
    EXPECT_EQ(connection.out(Way::up).bytes(), "a");
}

TEST(LinkDown, IsProvenByConnectionsThatEndedOrAreNotAnswered) {
    const LinkKind row = link_down();
    Tally tally;
    tally.connections.add();
    EXPECT_FALSE(row.proven(tally));
    tally.resets.add(2);
    EXPECT_TRUE(row.proven(tally));
    tally.silent.add();
    EXPECT_EQ(row.account(tally), "2 connections reset, 1 connection accepted and not answered");
}

}  // namespace
}  // namespace faultline::link
