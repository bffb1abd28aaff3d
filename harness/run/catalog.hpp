// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/scenario/catalog.hpp"

namespace faultline {

/// Everything a scenario may name in this build: the fault kinds, load drivers and probes of all
/// rooms.
[[nodiscard]] const Catalog& full_catalog();

}  // namespace faultline
