// SPDX-License-Identifier: Apache-2.0
#include "harness/run/observation.hpp"

#include <gtest/gtest.h>

namespace faultline {
namespace {

using std::chrono::milliseconds;

constexpr Instant epoch = instant_of(1'000'000'000);

/// A load whose operations are given: one per millisecond, good or bad.
class GivenLoad final : public Load {
  public:
    void add(bool good) {
        Operation operation;
        operation.intended_ns = nanoseconds_of(epoch + milliseconds(settled_.size()));
        operation.end_ns = operation.intended_ns + 100'000;
        operation.outcome = good ? Outcome::ok : Outcome::failed;
        settled_.push_back(operation);
    }
    Result<> start() override { return {}; }
    void stop() override {}
    [[nodiscard]] LoadProgress progress() const override { return {}; }
    [[nodiscard]] std::vector<Operation> settled_since(std::size_t first) const override {
        return {settled_.begin() + static_cast<std::ptrdiff_t>(first), settled_.end()};
    }
    OperationLog take_log() override { return {}; }
    [[nodiscard]] std::vector<std::string> operation_kinds() const override { return {}; }
    WriteCheck check_writes(Instant) override { return {}; }

  private:
    std::vector<Operation> settled_;
};

Scenario scenario_with_short_windows() {
    Scenario scenario;
    scenario.steady_state = {.success_rate = 1.0, .window = milliseconds(20)};
    scenario.recovery = {.success_rate = 1.0, .window = milliseconds(20)};
    return scenario;
}

TEST(Observation, IsSteadyOnlyAfterAWholeGoodWindow) {
    const Scenario scenario = scenario_with_short_windows();
    GivenLoad load;
    Observation observation(scenario, &load, epoch);
    for (int i = 0; i < 10; ++i)
        load.add(true);
    observation.update({});
    EXPECT_FALSE(observation.steady());
    for (int i = 0; i < 30; ++i)
        load.add(true);
    observation.update({});
    EXPECT_TRUE(observation.steady());
}

TEST(Observation, HasNotRecoveredWhileTheLastWindowIsBad) {
    const Scenario scenario = scenario_with_short_windows();
    GivenLoad load;
    Observation observation(scenario, &load, epoch);
    for (int i = 0; i < 50; ++i)
        load.add(true);
    Injection injection;
    injection.call_end = epoch + milliseconds(10);
    observation.update({injection});
    EXPECT_TRUE(observation.recovered());
    for (int i = 0; i < 5; ++i)
        load.add(false);
    observation.update({injection});
    EXPECT_FALSE(observation.recovered());
    for (int i = 0; i < 40; ++i)
        load.add(true);
    observation.update({injection});
    EXPECT_TRUE(observation.recovered());
}

TEST(Observation, CountsOperationsThatCameBeforeTheInjectionWasHeardOf) {
    const Scenario scenario = scenario_with_short_windows();
    GivenLoad load;
    Observation observation(scenario, &load, epoch);
    for (int i = 0; i < 40; ++i)
        load.add(true);
    observation.update({});
    for (int i = 0; i < 3; ++i)
        load.add(false);
    observation.update({});
    Injection injection;
    injection.call_end = epoch + milliseconds(40);
    observation.update({injection});
    EXPECT_FALSE(observation.recovered());
}

TEST(Observation, ForgetsWhatItSawOfAFaultThatBeganLaterThanItWasArmed) {
    const Scenario scenario = scenario_with_short_windows();
    GivenLoad load;
    Observation observation(scenario, &load, epoch);
    Injection injection;
    injection.call_end = epoch + milliseconds(10);
    for (int i = 0; i < 50; ++i)
        load.add(true);
    observation.update({injection});
    EXPECT_TRUE(observation.recovered()) << "nothing has happened yet";
    injection.call_end = epoch + milliseconds(48);
    for (int i = 0; i < 5; ++i)
        load.add(true);
    observation.update({injection});
    EXPECT_FALSE(observation.recovered()) << "its window is not over";
    for (int i = 0; i < 40; ++i)
        load.add(true);
    observation.update({injection});
    EXPECT_TRUE(observation.recovered());
}

TEST(Observation, WithoutLoadIsSteadyAtOnce) {
    const Scenario scenario = scenario_with_short_windows();
    Observation observation(scenario, nullptr, epoch);
    observation.update({});
    EXPECT_TRUE(observation.steady());
    EXPECT_EQ(observation.recent_success(), 1.0);
}

}  // namespace
}  // namespace faultline
