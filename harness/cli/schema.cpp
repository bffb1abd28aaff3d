// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/schema.hpp"

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/run/catalog.hpp"

namespace faultline::cli {

int schema(const SchemaCommand& command) {
    fmt::print(
        "{}",
        command.reference ? scenario_reference(full_catalog()) : scenario_schema(full_catalog()));
    return 0;
}

}  // namespace faultline::cli
