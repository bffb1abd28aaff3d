// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/catalog.hpp"

#include <algorithm>

#include "harness/inject/link/kinds/link_fault.hpp"
#include "harness/inject/link/protocol/link_error.hpp"

namespace faultline::link {

const std::vector<LinkKind>& link_kinds() {
    static const std::vector<LinkKind> kinds = {
        link_bandwidth(),
        link_corrupt(),
        link_down(),
        link_error(),
        link_latency(),
        link_limit(),
        link_reset(),
        link_slice(),
        link_slow_close(),
        link_stall(),
    };
    return kinds;
}

}  // namespace faultline::link

namespace faultline {

std::vector<FaultKind> link_fault_kinds() {
    std::vector<FaultKind> kinds;
    for (const link::LinkKind& row : link::link_kinds())
        kinds.push_back(link_fault_kind(row));
    kinds.push_back(link_loss());
    kinds.push_back(link_partition());
    std::sort(kinds.begin(), kinds.end(), [](const FaultKind& a, const FaultKind& b) {
        return a.kind.name < b.kind.name;
    });
    return kinds;
}

}  // namespace faultline
