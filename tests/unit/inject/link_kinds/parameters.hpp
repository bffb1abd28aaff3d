// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "harness/inject/link/link_kind.hpp"
#include "harness/scenario/parameter_values.hpp"

namespace faultline::link {

/// The parameters of a row, written as in a scenario, beside its defaults.
inline Parameters parameters(const ParameterTable& table,
                             const std::map<std::string, ParameterValue>& written = {}) {
    Parameters given;
    for (const Parameter& row : table) {
        if (const auto value = default_of(row)) given.set(row.name, *value);
    }
    for (const auto& [name, value] : written)
        given.set(name, value);
    return given;
}

/// What the row says about parameters that it must refuse.
inline std::string refusal(const LinkKind& row,
                           const std::map<std::string, ParameterValue>& written) {
    const auto made = row.make(parameters(row.kind.parameters, written));
    EXPECT_FALSE(made) << row.kind.name << " takes what it should refuse";
    return made ? std::string() : made.error().message;
}

/// The effect that the row makes of parameters that it must take.
inline std::shared_ptr<Effect> made_by(const LinkKind& row,
                                       const std::map<std::string, ParameterValue>& written) {
    auto made = row.make(parameters(row.kind.parameters, written));
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : nullptr;
}

}  // namespace faultline::link
