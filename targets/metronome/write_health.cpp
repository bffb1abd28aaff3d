// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/write_health.hpp"

#include <string>

#include "harness/include/faultline/errno_name.hpp"
#include "harness/include/faultline/event.hpp"

namespace metronome {
namespace {

constexpr std::string_view cause = "storage_failing";

}  // namespace

void WriteHealth::note(int error) {
    if ((error != 0) == failing_) return;
    failing_ = error != 0;
    const faultline::Instant at = faultline::now();
    const std::int64_t at_ns = faultline::nanoseconds_of(at);
    if (failing_) {
        faultline::send_event("detected", {{"cause", cause}}, at_ns);
        faultline::send_event("diagnosed", {{"cause", cause}}, at_ns);
        chronicle_.record(
            "write_failed", at, {}, {{"error", std::string(faultline::errno_name(error))}});
    } else {
        faultline::send_event("recovered", {}, at_ns);
        chronicle_.record("write_good", at);
    }
}

}  // namespace metronome
