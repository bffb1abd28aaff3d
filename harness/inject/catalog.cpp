// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/code/catalog.hpp"

#include "harness/base/check.hpp"
#include "harness/base/nearest.hpp"
#include "harness/inject/fault.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/process/catalog.hpp"

namespace faultline {

const std::vector<FaultKind>& fault_kinds() {
    static const std::vector<FaultKind> kinds = [] {
        std::vector<FaultKind> made{code_crash(), code_delay(), code_error()};
        for (FaultKind& link : link_fault_kinds())
            made.push_back(std::move(link));
        for (FaultKind& process : std::vector<FaultKind>{process_crash(),
                                                         process_exit(),
                                                         process_hang(),
                                                         process_restart(),
                                                         process_start_failure(),
                                                         process_throttle()})
            made.push_back(std::move(process));
        return made;
    }();
    return kinds;
}

Result<std::unique_ptr<Fault>> make_fault(FaultContext context) {
    FL_CHECK(!context.victims.empty() || !context.links.empty());
    std::vector<std::string> names;
    for (const FaultKind& fault : fault_kinds()) {
        if (fault.kind.name == context.spec.kind) {
            auto made = fault.make(context);
            if (!made)
                return in_context(context.spec.kind + " (" + context.spec.id + ")", made.error());
            return made;
        }
        names.push_back(fault.kind.name);
    }
    return fail(
        "unknown fault \"" + context.spec.kind + "\"" + suggestion(context.spec.kind, names),
        ErrorCode::invalid);
}

}  // namespace faultline
