// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/operations.hpp"

namespace ftcore {

bool is_failure(ErrorCode code) {
    switch (describe(code).category) {
        case Category::none:
        case Category::caller:
        case Category::routing:
            return false;
        case Category::limit:
            return code == ErrorCode::deadline_exceeded;
        case Category::storage:
        case Category::unknown:
        case Category::peer:
        case Category::internal:
            return true;
    }
    return true;
}

OperationMonitor::OperationMonitor(Duration span)
    : latency_(span),
      total_(span),
      failed_(span),
      by_code_(error_infos().size(), CountWindow(span)) {}

void OperationMonitor::record(Instant now, const signal::Operation& operation) {
    last_at_ = now;
    total_.add(now);
    if (is_failure(operation.outcome)) {
        failed_.add(now);
        by_code_[error_position(operation.outcome)].add(now);
        // A timed-out operation took as long as it did; the others failed before they were done.
        if (operation.outcome != ErrorCode::outcome_unknown) return;
    } else if (operation.outcome != ErrorCode::none) {
        return;
    }
    latency_.record(now, operation.latency);
}

std::optional<ErrorCode> OperationMonitor::most_frequent_failure(Instant now) {
    std::optional<ErrorCode> code;
    std::uint64_t most = 0;
    for (std::size_t position = 0; position < by_code_.size(); ++position) {
        const std::uint64_t count = by_code_[position].sum(now);
        if (count <= most) continue;
        most = count;
        code = error_infos()[position].code;
    }
    return code;
}

}  // namespace ftcore
