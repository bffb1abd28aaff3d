// SPDX-License-Identifier: Apache-2.0
#include "harness/run/catalog.hpp"

#include "harness/inject/fault.hpp"
#include "harness/load/load.hpp"
#include "harness/observe/probe.hpp"

namespace faultline {

const Catalog& full_catalog() {
    static const Catalog catalog = [] {
        Catalog made;
        for (const FaultKind& fault : fault_kinds())
            made.faults.push_back(fault.kind);
        made.drivers = driver_kinds();
        made.probes = probe_kinds();
        return made;
    }();
    return catalog;
}

}  // namespace faultline
