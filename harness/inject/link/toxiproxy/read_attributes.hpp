// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/inject/link/toxiproxy/findings.hpp"
#include "harness/inject/link/toxiproxy/toxic_type.hpp"
#include "harness/scenario/document.hpp"

namespace faultline::link {

/// The attributes of a toxic: those written, and the defaults of the others.
struct Attributes {
    Parameters values{};
    Node::Object shown{};  // as clients see them, in the order of the table
};

/// Errors: found, and absent when a value is missing or wrong.
[[nodiscard]] std::optional<Attributes> read_attributes(const ToxicType& type,
                                                        const Node& node,
                                                        Findings& findings);

[[nodiscard]] std::vector<std::string> attribute_names(const ToxicType& type);
/// The keys of a toxic, beside which attributes do not belong.
[[nodiscard]] const std::vector<std::string>& toxic_keys();

}  // namespace faultline::link
