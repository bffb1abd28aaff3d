// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "harness/base/result.hpp"

namespace faultline::reports {

/// One text, number or truth value of a JSON document and where it stands: "/measures/recovered/k".
/// What is in a list is left out.
struct PickedValue {
    std::string_view path;
    std::string_view text{};  // of a string, or "true" and "false"
    double number = 0;        // of a number
    bool is_number = false;
};

/// Reads a document without keeping it, for the few facts of the many that a record holds: several
/// times as quick as decoding it. Errors: not JSON.
[[nodiscard]] Result<> pick_json(std::string_view json,
                                 const std::function<void(const PickedValue&)>& use);

}  // namespace faultline::reports
