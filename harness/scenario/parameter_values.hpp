// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "harness/scenario/document.hpp"
#include "harness/scenario/mistakes.hpp"
#include "harness/scenario/names.hpp"
#include "harness/scenario/parameter.hpp"

namespace faultline {

/// What a value is decoded against.
struct ValueContext {
    Mistakes& mistakes;
    const Names* names = nullptr;  // null: references are not checked
    Scope scope{};
};

/// Decodes what is written for `parameter`. Errors: into `mistakes`, at the value; absent then.
[[nodiscard]] std::optional<ParameterValue> decode_value(const Parameter& parameter,
                                                         const Node& node,
                                                         const ValueContext& context);

/// The default of a parameter that has one. Requires: the table is right, see `check_parameters`.
[[nodiscard]] std::optional<ParameterValue> default_of(const Parameter& parameter);

/// Whether a table makes sense: names, help, choices, defaults that decode. Errors: the first that
/// does not.
[[nodiscard]] Result<> check_parameters(const ParameterTable& table);

/// "KILL" for 9; empty when there is no such signal.
[[nodiscard]] std::string signal_name(int number);

/// A text that is given to a running trial: its templates are checked.
[[nodiscard]] std::optional<std::string> decode_text(const Node& node, const ValueContext& context);

/// The same for what may also be written as a number, true or false: 200 → "200".
[[nodiscard]] std::optional<std::string> decode_scalar(const Node& node,
                                                       const ValueContext& context);

/// A selector whose names exist.
[[nodiscard]] std::optional<Selector> decode_selector(const Node& node,
                                                      const ValueContext& context);
[[nodiscard]] std::optional<LinkSelector> decode_link_selector(const Node& node,
                                                               const ValueContext& context);
/// Some of them in one text, with "load" for the load: as written.
[[nodiscard]] std::optional<std::string> decode_group(const Node& node,
                                                      const ValueContext& context);

}  // namespace faultline
