// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/scenario/parameter.hpp"

namespace faultline {

/// A decoded value as it would be written in a scenario: "150ms", "95%", "a, b", "set 0.5".
[[nodiscard]] std::string spell_value(ParameterType type, const ParameterValue& value);

}  // namespace faultline
