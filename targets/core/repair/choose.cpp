// SPDX-License-Identifier: Apache-2.0
#include "targets/core/repair/choose.hpp"

namespace ftcore {
namespace {

using Ladder = std::vector<Strategy>;

Ladder times(Strategy strategy, int count, Ladder then) {
    then.insert(then.begin(), static_cast<std::size_t>(count), strategy);
    return then;
}

Ladder for_lost_peer(const RepairSituation& situation, const RepairSettings& settings) {
    if (!situation.about_leader) return {Strategy::await_return};
    // A follower that finds no leader must not isolate itself: once others return it is needed.
    return times(Strategy::fail_over, settings.fail_over_attempts, {Strategy::await_leader});
}

Ladder begin_anew(const RepairSettings& settings) {
    if (settings.restarts_before >= settings.restarts_max) return {Strategy::isolate_self};
    return {Strategy::restart_self, Strategy::isolate_self};
}

/// Whether to give the lead away for being slow.
bool better_led_elsewhere(Instant now,
                          const RepairSituation& situation,
                          const RepairSettings& settings) {
    if (!situation.leading || !situation.healthy_peer) return false;
    return !situation.last_hand_over || now - *situation.last_hand_over >= settings.hand_over_pause;
}

Ladder for_slow_storage(Instant now,
                        const RepairSituation& situation,
                        const RepairSettings& settings) {
    if (!better_led_elsewhere(now, situation, settings)) return {Strategy::observe};
    // Below level high nobody waits for the disk of the leader; only once clients feel it (a full
    // cache makes them wait) a hand-over is worth its pause.
    if (situation.level != Level::high && !situation.clients_suffer) return {Strategy::observe};
    return {Strategy::hand_over, Strategy::observe};
}

Ladder for_corruption(const RepairSituation& situation) {
    if (situation.alone) return {Strategy::isolate_self};  // nobody to fetch it from
    return {Strategy::resynchronise, Strategy::resynchronise, Strategy::isolate_self};
}

}  // namespace

std::vector<Strategy> choose(const Diagnosis& diagnosis,
                             const RepairSituation& situation,
                             const RepairSettings& settings) {
    switch (diagnosis.cause) {
        case Cause::crash:
        case Cause::hang:
        case Cause::partition_of_peer:
            return for_lost_peer(situation, settings);
        case Cause::partition_of_self:
            return {Strategy::await_majority};
        case Cause::storage_failing:
            return times(Strategy::rotate_log, settings.rotate_attempts, begin_anew(settings));
        case Cause::storage_slow:
            return for_slow_storage(diagnosis.at, situation, settings);
        case Cause::storage_full:
            return {Strategy::make_room};
        case Cause::corruption:
            return for_corruption(situation);
        case Cause::overload:
            return {Strategy::shed};
        case Cause::slow:
            if (!situation.all_lag && better_led_elsewhere(diagnosis.at, situation, settings)) {
                return {Strategy::hand_over, Strategy::observe};
            }
            return {Strategy::observe};
    }
    return {Strategy::observe};
}

}  // namespace ftcore
