// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/observe/probe.hpp"

namespace faultline {

/// A probe kind: its catalog entry and how to make one.
struct ProbeKind {
    Kind kind;
    std::function<Result<std::unique_ptr<Probe>>(
        Loop& loop, const ProbeSpec& spec, ProbeTarget target)>
        make;
};

// One per file of this folder.
[[nodiscard]] ProbeKind etcd_role_probe();
[[nodiscard]] ProbeKind exec_probe();
[[nodiscard]] ProbeKind http_probe();
[[nodiscard]] ProbeKind redis_info_probe();
[[nodiscard]] ProbeKind redis_ping_probe();
[[nodiscard]] ProbeKind redis_role_probe();
[[nodiscard]] ProbeKind redis_sentinel_probe();
[[nodiscard]] ProbeKind tcp_probe();

/// All of them, sorted by name.
[[nodiscard]] const std::vector<ProbeKind>& probe_catalog();

}  // namespace faultline
