// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/measure/observed.hpp"

namespace faultline {

void measure_success(const InjectionView& view, InjectionMeasures& measures) {
    const Instant last = view.t0() + view.scenario.success_window;
    const auto& operations = view.operations;
    for (std::size_t i = operations.first_from(view.t0()); i < operations.count; ++i) {
        if (operations.intended(i) > last) break;
        ++measures.operations;
        if (is_good(operations.log[i], view.scenario.recovery)) ++measures.good_operations;
    }
    if (measures.operations > 0) {
        measures.success_rate = static_cast<double>(measures.good_operations) /
                                static_cast<double>(measures.operations);
    }
}

// A bad interval begins at the intended start of a bad operation that follows a good one and ends
// at the end of the next good operation. Intervals may overlap, because operations do; time counts
// once. The horizon ends at the next injection, so that the downtimes of a trial add up.
void measure_downtime(const InjectionView& view, InjectionMeasures& measures) {
    const auto& operations = view.operations;
    const Instant horizon = std::min(view.next, view.timeline.end);
    Instant counted_until = view.t0();
    std::optional<Instant> bad_since;
    const auto close = [&](Instant end) {
        const Instant from = std::max(*bad_since, counted_until);
        const Instant to = std::min(end, horizon);
        if (to > from) {
            measures.downtime += to - from;
            counted_until = to;
        }
        bad_since.reset();
    };
    for (std::size_t i = operations.first_from(view.t0()); i < operations.count; ++i) {
        // Past the horizon only the end of an open interval matters, and it is the horizon.
        if (operations.intended(i) >= horizon) break;
        if (!is_good(operations.log[i], view.scenario.recovery)) {
            if (!bad_since) bad_since = operations.intended(i);
        } else if (bad_since) {
            close(instant_of(operations.log[i].end_ns));
        }
    }
    if (bad_since) close(horizon);
}

}  // namespace faultline
