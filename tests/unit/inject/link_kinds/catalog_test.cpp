// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/catalog.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/scenario/parameter_values.hpp"

namespace faultline {
namespace {

TEST(LinkKinds, AreSortedByNameWithoutDoubles) {
    const auto& rows = link::link_kinds();
    EXPECT_GE(rows.size(), 9U);
    EXPECT_EQ(std::adjacent_find(rows.begin(),
                                 rows.end(),
                                 [](const link::LinkKind& a, const link::LinkKind& b) {
                                     return a.kind.name >= b.kind.name;
                                 }),
              rows.end());
}

TEST(LinkKinds, HaveAllThatAFaultIsMadeFrom) {
    for (const link::LinkKind& row : link::link_kinds()) {
        EXPECT_TRUE(row.make && row.proven && row.account) << row.kind.name;
        const link::Tally nothing;
        EXPECT_FALSE(row.proven(nothing)) << row.kind.name;
        std::set<std::string> names;
        for (const Parameter& parameter : row.kind.parameters)
            names.insert(parameter.name);
        EXPECT_TRUE(names.contains("probability")) << row.kind.name;
    }
}

TEST(LinkFaultKinds, AreFaultsOnLinksThatCanBeCleared) {
    const auto kinds = link_fault_kinds();
    EXPECT_EQ(kinds.size(), link::link_kinds().size() + 2);
    for (const FaultKind& fault : kinds) {
        EXPECT_TRUE(fault.kind.on_links) << fault.kind.name;
        EXPECT_TRUE(fault.kind.clears) << fault.kind.name;
        EXPECT_TRUE(fault.make) << fault.kind.name;
        EXPECT_FALSE(fault.kind.needs.empty()) << fault.kind.name;
        EXPECT_FALSE(fault.kind.undo.empty()) << fault.kind.name;
        EXPECT_FALSE(fault.kind.proof.empty()) << fault.kind.name;
        for (const Parameter& parameter : fault.kind.parameters) {
            EXPECT_TRUE(parameter.required || !parameter.default_value.empty())
                << fault.kind.name << "." << parameter.name;
        }
        const auto table = check_parameters(fault.kind.parameters);
        EXPECT_TRUE(table) << fault.kind.name << ": " << table.error().message;
    }
    EXPECT_TRUE(
        std::is_sorted(kinds.begin(), kinds.end(), [](const FaultKind& a, const FaultKind& b) {
            return a.kind.name < b.kind.name;
        }));
}

TEST(LinkFaultKinds, FitIntoTheFormatOfScenarios) {
    Catalog catalog;
    for (const FaultKind& fault : link_fault_kinds())
        catalog.faults.push_back(fault.kind);
    const auto checked = check_catalog(catalog);
    EXPECT_TRUE(checked) << checked.error().message;
}

TEST(LinkFaultKinds, SayWhatTheKernelCanDo) {
    for (const FaultKind& fault : link_fault_kinds()) {
        const std::string& name = fault.kind.name;
        EXPECT_EQ(fault.kind.needs_packets, name == "link.loss") << name;
        EXPECT_EQ(fault.kind.kernel_can, name == "link.loss" || name == "link.partition") << name;
    }
}

}  // namespace
}  // namespace faultline
