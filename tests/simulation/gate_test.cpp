// SPDX-License-Identifier: Apache-2.0
// Gates over simulated builds from fixed seeds: how often one fails a build that is the same, how
// often it catches one that is a fifth slower, and how many trials it chooses for that.
//
// FAULTLINE_GATES sets how many gates of each kind are simulated.
#include "harness/judge/gate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/random.hpp"

namespace faultline {
namespace {

constexpr int gates_usual = 30;
constexpr double second = 1e9;

int gates() {
    const char* asked = std::getenv("FAULTLINE_GATES");  // NOLINT(concurrency-mt-unsafe)
    return asked == nullptr ? gates_usual : std::max(1, std::atoi(asked));
}

using DrawTime = std::function<double(Random&)>;  // nanoseconds

DrawTime lognormal(double variation) {
    const double spread = std::sqrt(std::log1p(variation * variation));
    return [spread](Random& random) { return second * std::exp(spread * random.normal()); };
}
/// Most trials go the quick way, some the slow one.
DrawTime bimodal(double share_slow, double slow, double variation) {
    return [=](Random& random) {
        const double way = random.uniform() < share_slow ? slow : 1.0;
        return way * lognormal(variation)(random);
    };
}
/// Infinite variance.
DrawTime pareto(double index) {
    return [index](Random& random) {
        return 0.5 * second * std::pow(1 - random.uniform(), -1 / index);
    };
}
DrawTime election_timeout() {
    return [](Random& random) { return 0.15 * second * (1 + random.uniform()); };
}
/// Recovered is only looked at in steps.
DrawTime in_steps(const DrawTime& draw, double step) {
    return [=](Random& random) { return step * std::round(draw(random) / step); };
}

struct World {
    std::string name;
    DrawTime time;
    double never = 0;  // share of trials that do not recover
};

Scenario scenario() {
    Scenario made;
    made.faults.push_back({.id = "crash", .kind = "process.crash"});
    made.load = LoadSpec{.driver = "redis"};
    made.detection.push_back({});
    return made;
}

TrialMeasured trial(const World& world, double factor, Random& random) {
    InjectionMeasures measures;
    const auto span = [](double nanoseconds) {
        return Duration(static_cast<std::int64_t>(nanoseconds));
    };
    measures.detection_time = span(0.1 * lognormal(0.05)(random));
    measures.observed_for = std::chrono::seconds(30);
    measures.censored = random.uniform() < world.never;
    const double time = factor * world.time(random);
    if (!measures.censored) measures.recovery_time = span(time);
    measures.success_rate = 0.9;
    TrialMeasured measured;
    measured.injection_ids = {"crash"};
    measured.injections = {measures};
    measured.lost_writes = 0;
    return measured;
}

struct Tally {
    double worse = 0, not_worse = 0, trials = 0;  // shares, and the mean of each build
};

Tally simulate(const World& world, double factor, std::optional<std::size_t> base_fixed = {}) {
    static const Scenario played = scenario();
    const auto measures = gate_measures(played, {});
    Random random(static_cast<std::uint64_t>(factor * 1000));
    Tally tally;
    const GateRules rules{.base_fixed = base_fixed};
    const Gate fresh(played, *measures, rules);
    for (int i = 0; i < gates(); ++i) {
        Gate gate = fresh;
        std::vector<TrialMeasured> base, head;
        for (std::size_t look = 0; look < gate.looks().trials.size() && !gate.over(); ++look) {
            const std::size_t due = gate.looks().trials[look];
            while (base.size() < base_fixed.value_or(due))
                base.push_back(trial(world, 1, random));
            while (head.size() < due)
                head.push_back(trial(world, factor, random));
            gate.look(look, base, head);
        }
        tally.worse += gate.state() == GateState::worse;
        tally.not_worse += gate.state() == GateState::not_worse;
        tally.trials += static_cast<double>(head.size());
    }
    tally.worse /= gates();
    tally.not_worse /= gates();
    tally.trials /= gates();
    return tally;
}

/// `share` of gates and three standard errors.
double at_most(double share) {
    return share + 3 * std::sqrt(share * (1 - share) / gates());
}
double at_least(double share) {
    return share - 3 * std::sqrt(share * (1 - share) / gates());
}

class GateOnBuilds : public ::testing::TestWithParam<World> {
  protected:
    void note(const std::string& what, const Tally& tally) {
        RecordProperty(what + ".worse", std::to_string(tally.worse));
        RecordProperty(what + ".not_worse", std::to_string(tally.not_worse));
        RecordProperty(what + ".trials", std::to_string(tally.trials));
    }
};

TEST_P(GateOnBuilds, FailsTheSameBuildRarelyAndAMuchSlowerOneNearlyAlways) {
    const Tally same = simulate(GetParam(), 1.0);
    note("same", same);
    EXPECT_LE(same.worse, at_most(0.05));
    EXPECT_GE(same.not_worse, at_least(0.85));
    const Tally slower = simulate(GetParam(), 1.2);
    note("slower", slower);
    EXPECT_GE(slower.worse, at_least(0.9));
    EXPECT_LT(slower.trials, 60);
}

TEST_P(GateOnBuilds, ComparesWithABaselineOfFixedSizeAsWell) {
    const Tally same = simulate(GetParam(), 1.0, 60);
    note("same", same);
    EXPECT_LE(same.worse, at_most(0.05));
    const Tally slower = simulate(GetParam(), 1.2, 60);
    note("slower", slower);
    EXPECT_GE(slower.worse, at_least(0.9));
}

TEST_P(GateOnBuilds, RarelyPassesWhatIsWorseByTheEffect) {
    const Tally slower = simulate(GetParam(), 1.1);
    note("by the effect", slower);
    EXPECT_LE(slower.not_worse, at_most(0.12));
}

INSTANTIATE_TEST_SUITE_P(Worlds,
                         GateOnBuilds,
                         ::testing::Values(World{"lognormal_15", lognormal(0.15)},
                                           World{"bimodal_30", bimodal(0.3, 1.5, 0.05)},
                                           World{"election_timeout", election_timeout()},
                                           World{"pareto", pareto(3)},
                                           World{"lognormal_15_some_never", lognormal(0.15), 0.05},
                                           World{"lognormal_15_in_steps",
                                                 in_steps(lognormal(0.15), 0.05 * second)}),
                         [](const auto& world) { return world.param.name; });

}  // namespace
}  // namespace faultline
