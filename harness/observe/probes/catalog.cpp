// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/catalog.hpp"

#include "harness/base/nearest.hpp"

namespace faultline {

const std::vector<ProbeKind>& probe_catalog() {
    static const std::vector<ProbeKind> catalog = {
        etcd_role_probe(),
        exec_probe(),
        http_probe(),
        redis_info_probe(),
        redis_ping_probe(),
        redis_role_probe(),
        redis_sentinel_probe(),
        tcp_probe(),
    };
    return catalog;
}

const std::vector<Kind>& probe_kinds() {
    static const std::vector<Kind> kinds = [] {
        std::vector<Kind> all;
        for (const ProbeKind& probe : probe_catalog())
            all.push_back(probe.kind);
        return all;
    }();
    return kinds;
}

Result<std::unique_ptr<Probe>> make_probe(Loop& loop, const ProbeSpec& spec, ProbeTarget target) {
    std::vector<std::string> names;
    for (const ProbeKind& probe : probe_catalog()) {
        if (probe.kind.name == spec.kind) return probe.make(loop, spec, std::move(target));
        names.push_back(probe.kind.name);
    }
    return fail("unknown probe \"" + spec.kind + "\"" + suggestion(spec.kind, names),
                ErrorCode::invalid);
}

bool satisfies(const ProbeSpec& spec, const ProbeAnswer& answer) {
    return answer.ok && (!spec.equals || *spec.equals == answer.value);
}

}  // namespace faultline
