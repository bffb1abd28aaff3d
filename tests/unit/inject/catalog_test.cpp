// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

TEST(FaultCatalog, IsSortedByNameWithoutDoubles) {
    const auto& kinds = fault_kinds();
    EXPECT_EQ(std::adjacent_find(kinds.begin(),
                                 kinds.end(),
                                 [](const FaultKind& a, const FaultKind& b) {
                                     return a.kind.name >= b.kind.name;
                                 }),
              kinds.end());
}

TEST(FaultCatalog, SaysForEachKindWhatItNeedsItsUndoAndItsProof) {
    for (const FaultKind& fault : fault_kinds()) {
        EXPECT_FALSE(fault.kind.about.empty()) << fault.kind.name;
        EXPECT_FALSE(fault.kind.needs.empty()) << fault.kind.name;
        EXPECT_FALSE(fault.kind.undo.empty()) << fault.kind.name;
        EXPECT_FALSE(fault.kind.proof.empty()) << fault.kind.name;
        for (const Parameter& parameter : fault.kind.parameters) {
            EXPECT_FALSE(parameter.help.empty()) << fault.kind.name << " " << parameter.name;
            EXPECT_TRUE(parameter.required || !parameter.default_value.empty())
                << fault.kind.name << " " << parameter.name;
        }
    }
}

TEST(FaultCatalog, NamesTheNearestKindForAnUnknownOne) {
    ChildVictim victim("kv[0]", {"idle"});
    const auto made = make_test_fault(fault_spec("process.crahs", {}), {&victim});
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("process.crash"), std::string::npos)
        << made.error().message;
}

}  // namespace
}  // namespace faultline
