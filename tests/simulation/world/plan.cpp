// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/plan.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "tests/simulation/world/draw.hpp"

namespace ftcore::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration quiet_least = seconds(8);

template <class T>
T one_of(Random& random, std::initializer_list<T> choices) {
    return choices.begin()[any_of(random, choices.size())];
}

ConsensusSettings draw_consensus(Random& random, const Wanted& wanted) {
    ConsensusSettings settings;
    const int nodes = wanted.nodes.value_or(one_of(random, {3, 3, 3, 3, 3, 5, 5, 1}));
    const bool witness = wanted.witness.value_or(nodes == 3 && chance(random, 0.25));
    for (int id = 1; id <= nodes; ++id)
        settings.members.push_back({static_cast<NodeId>(id), witness && id == nodes});
    settings.level = wanted.level.value_or(
        one_of(random, {Level::high, Level::high, Level::high, Level::medium, Level::low}));
    settings.heartbeat = between(random, milliseconds(30), milliseconds(80));
    settings.election_timeout =
        settings.heartbeat * 4 + between(random, milliseconds(20), milliseconds(300));
    settings.tie_break = any_magnitude(random, microseconds(500), milliseconds(10));
    settings.lease = between(random, settings.heartbeat / 2, settings.election_timeout / 2);
    settings.clock_drift = one_of(random, {0.001, 0.05, 0.2});
    // Small messages tear apart what usually travels together.
    settings.append_bytes_max = one_of<std::size_t>(random, {1, 100, 1000, 1 << 20});
    settings.appends_in_flight = one_of(random, {1, 2, 8, 64});
    return settings;
}

FaultPlan draw_faults(Random& random, Level level) {
    const auto sometimes = [&random](double share, Duration least, Duration most) {
        const Duration mean = any_magnitude(random, least, most);
        return chance(random, share) ? mean : Duration{};
    };
    FaultPlan faults;
    faults.process_crash = sometimes(0.7, milliseconds(300), seconds(20));
    // Below level high a power loss may cost acknowledged writes, and with it most of the promise.
    const double power = level == Level::high ? 0.6 : 0.2;
    faults.power_loss = sometimes(power, milliseconds(300), seconds(20));
    faults.blackout = sometimes(power / 2, seconds(4), seconds(30));
    faults.damage = sometimes(0.5, seconds(1), seconds(20));
    faults.partition = sometimes(0.6, milliseconds(500), seconds(20));
    faults.reset = sometimes(0.5, milliseconds(100), seconds(10));
    faults.pause = sometimes(0.5, milliseconds(300), seconds(20));
    faults.disk_failure = sometimes(0.3, seconds(1), seconds(20));
    faults.slow_disk = sometimes(0.3, seconds(1), seconds(20));
    faults.suspicion = sometimes(0.5, milliseconds(200), seconds(20));
    faults.hand_over = sometimes(0.4, milliseconds(500), seconds(20));
    faults.aimed = chance(random, 0.5) ? random.uniform() : 0;
    faults.crash_noticed = chance(random, 0.7) ? random.uniform() : 0;
    faults.down_max = any_magnitude(random, milliseconds(10), seconds(5));
    faults.partition_max = any_magnitude(random, milliseconds(100), seconds(5));
    faults.pause_max = any_magnitude(random, milliseconds(50), seconds(3));
    return faults;
}

/// Cuts of single directions, for long or in quick succession, and messages that come late.
void draw_cuts(Plan& plan, Random random) {
    FaultPlan& faults = plan.faults;
    const Duration mean = any_magnitude(random, seconds(2), seconds(20));
    faults.flapping = chance(random, 0.3) ? mean : Duration{};
    faults.flap_period = any_magnitude(random, milliseconds(50), milliseconds(400));
    faults.standing_cut = chance(random, 0.5);
    plan.consensus.bytes_in_flight_max = one_of<std::size_t>(random, {1, 500, 8 << 20});
    plan.network.holding = one_of(random, {0.0, 0.5, 1.0});
    plan.network.late_after_reset = chance(random, 0.5);
}

NetworkPlan draw_network(Random& random) {
    NetworkPlan network;
    network.delay = any_magnitude(random, microseconds(50), milliseconds(5));
    network.jitter = any_magnitude(random, microseconds(20), milliseconds(10));
    network.ordered = chance(random, 0.4);
    network.loss = chance(random, 0.5) ? random.uniform() * random.uniform() * 0.3 : 0;
    network.duplication = chance(random, 0.5) ? random.uniform() * 0.2 : 0;
    return network;
}

DiskPlan draw_disk(Random& random) {
    DiskPlan disk;
    disk.write = any_magnitude(random, microseconds(10), milliseconds(2));
    disk.sync = any_magnitude(random, microseconds(100), milliseconds(10));
    disk.sync_period = between(random, milliseconds(50), milliseconds(200));
    disk.segment_bytes = one_of<std::size_t>(random, {200, 2000, 1 << 20});
    disk.piece_bytes = one_of<std::size_t>(random, {20, 100, 4096});
    disk.snapshot_after = chance(random, 0.7) ? one_of<Index>(random, {5, 20, 100, 400}) : 0;
    return disk;
}

LoadPlan draw_load(Random& random) {
    LoadPlan load;
    load.clients = 2 + any_of(random, 5);
    load.keys = 1 + random.below(6);
    const Duration period = any_magnitude(random, milliseconds(12), milliseconds(80));
    load.pause = period * static_cast<std::int64_t>(load.clients);
    load.timeout = between(random, milliseconds(200), milliseconds(1500));
    load.reads = 0.1 + random.uniform() * 0.5;
    load.exchanges = random.uniform() * 0.3;
    return load;
}

/// Leaders come and go within a few steps, and entries travel one by one: the histories of logs
/// that differ in their last entries (Ongaro 2014, figure 3.7) are rare in all other worlds.
void make_turbulent(Plan& plan, Random& random) {
    plan.consensus.append_bytes_max = 1;
    plan.consensus.appends_in_flight = one_of(random, {1, 1, 2});
    plan.consensus.tie_break = microseconds(500);
    // A leader has stored what it appends well before anybody else has it, or even much later.
    plan.disk.write = microseconds(20);
    plan.disk.sync = chance(random, 0.7) ? microseconds(50) : milliseconds(8);
    plan.network.delay = any_magnitude(random, microseconds(500), milliseconds(5));
    plan.faults.aimed = 0.8 + 0.2 * random.uniform();
    plan.faults.crash_noticed = 1;
    plan.faults.down_max = any_magnitude(random, milliseconds(10), milliseconds(500));
    plan.load.pause /= 2;
}

}  // namespace

Plan draw_plan(std::uint64_t seed, const Wanted& wanted) {
    const Random root(seed);
    Plan plan;
    plan.seed = seed;
    plan.length = wanted.length;
    plan.look_inside = wanted.look_inside;
    plan.quiet = std::min(quiet_least, wanted.length / 2);
    Random random = root.fork("plan");
    plan.consensus = draw_consensus(random, wanted);
    plan.faults = draw_faults(random, plan.consensus.level);
    plan.network = draw_network(random);
    plan.disk = draw_disk(random);
    plan.load = draw_load(random);
    if (chance(random, 0.25)) make_turbulent(plan, random);
    draw_cuts(plan, root.fork("cuts"));
    plan.timer_lateness = chance(random, 0.5) ? microseconds(500) : Duration{};
    // Two clocks at the ends of this range differ in speed by exactly the allowed factor.
    const double most = std::sqrt(1 + plan.consensus.clock_drift) - 1;
    for (std::size_t node = 0; node < plan.consensus.members.size(); ++node) {
        const double share = one_of(random, {-0.95, 0.95, 2 * random.uniform() - 1});
        // Slower by the inverse factor is a little less than faster by the factor.
        const double drift = share < 0 ? share * most / (1 + most) : share * most;
        plan.drifts.push_back(static_cast<std::int64_t>(drift * 0.99e6));
    }
    return plan;
}

std::string describe(const Plan& plan) {
    const auto every = [](Duration mean) {
        return mean == Duration{} ? std::string("never") : faultline::format_duration(mean);
    };
    constexpr std::array levels{"high", "medium", "low"};
    const FaultPlan& faults = plan.faults;
    const ConsensusSettings& settings = plan.consensus;
    return fmt::format(
        "{} nodes{}, level {}, heartbeat {}, election {}, lease {}, drift {}, append {} B x {}\n"
        "network: delay {} + {}, {}, loss {:.3f}, doubled {:.3f}, held back {:.1f}{}\n"
        "disk: write {}, sync {}, segment {} B, piece {} B, snapshot after {}\n"
        "load: {} clients, {} keys, pause {}, timeout {}\n"
        "crash {}, power {}, blackout {}, damage {}, partition {} (to {}), reset {}, pause {} (to "
        "{}), "
        "disk failure {}, slow disk {}, suspicion {}, hand-over {}, aimed {:.2f}, noticed {:.2f}, "
        "down to {}\n"
        "flapping {} (every {}){}",
        settings.members.size(),
        settings.members.back().witness ? " (one a witness)" : "",
        levels[static_cast<std::size_t>(settings.level)],
        faultline::format_duration(settings.heartbeat),
        faultline::format_duration(settings.election_timeout),
        faultline::format_duration(settings.lease),
        settings.clock_drift,
        settings.append_bytes_max,
        settings.appends_in_flight,
        faultline::format_duration(plan.network.delay),
        faultline::format_duration(plan.network.jitter),
        plan.network.ordered ? "ordered" : "datagrams",
        plan.network.loss,
        plan.network.duplication,
        plan.network.holding,
        plan.network.late_after_reset ? " and later than a reset" : "",
        faultline::format_duration(plan.disk.write),
        faultline::format_duration(plan.disk.sync),
        plan.disk.segment_bytes,
        plan.disk.piece_bytes,
        plan.disk.snapshot_after,
        plan.load.clients,
        plan.load.keys,
        faultline::format_duration(plan.load.pause),
        faultline::format_duration(plan.load.timeout),
        every(faults.process_crash),
        every(faults.power_loss),
        every(faults.blackout),
        every(faults.damage),
        every(faults.partition),
        faultline::format_duration(faults.partition_max),
        every(faults.reset),
        every(faults.pause),
        faultline::format_duration(faults.pause_max),
        every(faults.disk_failure),
        every(faults.slow_disk),
        every(faults.suspicion),
        every(faults.hand_over),
        faults.aimed,
        faults.crash_noticed,
        faultline::format_duration(faults.down_max),
        every(faults.flapping),
        faultline::format_duration(faults.flap_period),
        faults.standing_cut ? ", cut until the end" : "");
}

}  // namespace ftcore::simulation
