// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/settings.hpp"

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace metronome {
namespace {

using faultline::ErrorCode;
using faultline::fail;
using faultline::spell_duration;

faultline::Result<> check_failure(const FailurePlan& plan) {
    if (!plan.delay && !plan.trigger_signal) {
        return fail("nothing starts the failure; give --fail-at 2s, or --fail-on USR1",
                    ErrorCode::invalid);
    }
    return {};
}

faultline::Result<> check_pair(const PairPlan& plan) {
    if (plan.peer_port == 0) {
        return fail("--role needs --peer-port, the other member's --port", ErrorCode::invalid);
    }
    if (plan.heartbeat <= faultline::Duration::zero()) {
        return fail("--heartbeat must be longer than 0", ErrorCode::invalid);
    }
    if (plan.watch && *plan.watch < 2 * plan.heartbeat) {
        return fail(fmt::format("--watch {} is less than two heartbeats of {}; raise it or lower "
                                "--heartbeat",
                                spell_duration(*plan.watch),
                                spell_duration(plan.heartbeat)),
                    ErrorCode::invalid);
    }
    if (plan.detect_after && *plan.detect_after > plan.takeover_after) {
        return fail(fmt::format("--detect-after {} is later than --takeover-after {}",
                                spell_duration(*plan.detect_after),
                                spell_duration(plan.takeover_after)),
                    ErrorCode::invalid);
    }
    return {};
}

}  // namespace

faultline::Result<> check(const Settings& settings) {
    if (settings.failure && settings.pair) {
        return fail(
            "--fail-at and --fail-on are for a single metronome; to break a pair, kill or "
            "freeze one of its members",
            ErrorCode::invalid);
    }
    if (settings.failure) return check_failure(*settings.failure);
    if (settings.pair) return check_pair(*settings.pair);
    return {};
}

}  // namespace metronome
