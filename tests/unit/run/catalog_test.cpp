// SPDX-License-Identifier: Apache-2.0
#include "harness/run/catalog.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace faultline {
namespace {

void expect_sorted_and_described(const std::vector<Kind>& kinds) {
    EXPECT_FALSE(kinds.empty());
    EXPECT_TRUE(std::is_sorted(
        kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) { return a.name < b.name; }));
    for (const Kind& kind : kinds) {
        EXPECT_FALSE(kind.about.empty()) << kind.name;
        std::set<std::string> names;
        for (const Parameter& parameter : kind.parameters) {
            EXPECT_FALSE(parameter.help.empty()) << kind.name << "." << parameter.name;
            EXPECT_TRUE(names.insert(parameter.name).second)
                << kind.name << "." << parameter.name << " twice";
        }
    }
}

TEST(Catalog, IsSortedAndEveryKindAndParameterIsDescribed) {
    expect_sorted_and_described(full_catalog().faults);
    expect_sorted_and_described(full_catalog().drivers);
    expect_sorted_and_described(full_catalog().probes);
}

TEST(Catalog, HasTablesThatHoldTogether) {
    const auto checked = check_catalog(full_catalog());
    EXPECT_TRUE(checked) << checked.error().message;
}

TEST(Catalog, EveryFaultSaysWhatItNeedsHowItIsUndoneAndHowItIsProven) {
    for (const Kind& fault : full_catalog().faults) {
        EXPECT_FALSE(fault.needs.empty()) << fault.name;
        EXPECT_FALSE(fault.undo.empty()) << fault.name;
        EXPECT_FALSE(fault.proof.empty()) << fault.name;
    }
}

}  // namespace
}  // namespace faultline
