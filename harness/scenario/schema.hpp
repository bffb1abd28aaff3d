// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/scenario/catalog.hpp"

namespace faultline {

/// The draft-07 JSON Schema of scenario files, for editors; made from the parameter tables, with
/// the help lines as descriptions. Shape: pretty-printed JSON with a newline at the end.
[[nodiscard]] std::string scenario_schema(const Catalog& catalog);

/// The generated part of scenarios/README.md: every key, fault, driver, probe, measure and template
/// with type, default, range and help, in Markdown.
[[nodiscard]] std::string scenario_reference(const Catalog& catalog);

}  // namespace faultline
