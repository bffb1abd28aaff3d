// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/inject/fault.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/link_victim.hpp"

namespace faultline {

/// What becomes of what is sent across the cut: held until the heal, or refused with RST.
enum class CutMode { stall, reset };

/// A link and which ways of it are cut.
struct CutLink {
    LinkVictim victim;
    link::Ways ways;

    /// Where both carry the link the kernel is asked, unless it cannot: it resets nothing.
    [[nodiscard]] bool by_kernel(CutMode mode) const {
        return victim.network != nullptr && mode == CutMode::stall;
    }
};

/// One partition, as its parameters and the roles at this moment have it.
struct PartitionOrder {
    std::string id;
    std::vector<CutLink> cuts;
    CutMode mode = CutMode::stall;
    std::optional<Duration> period{};  // flapping
    Duration within{};
    std::size_t link_count = 0;  // that could have been cut
};

/// What can be asked for: "groups", "shape", "mode", "period", "within".
[[nodiscard]] ParameterTable partition_parameters();
/// Reads them. Errors: `invalid`: groups that do not fit the shape, a mode that the links cannot
/// have, a period outside its range; who matches a selector no longer; no link is cut.
[[nodiscard]] Result<PartitionOrder> partition_order(const FaultContext& context);

}  // namespace faultline
