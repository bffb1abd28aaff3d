// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/stall.hpp"

#include <utility>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/held_line.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

/// What is taken from a sender before it is stopped, about as much as the kernels at both ends of
/// a cut cable would.
constexpr std::size_t stalled_waiting_max = 1U << 20;

class StallStage final : public Stage {
  public:
    explicit StallStage(Tally& tally) : line_(tally) {}

    void push(Chunk chunk, Outlet&) override { line_.hold(std::move(chunk)); }
    void finish(Instant at, Outlet&) override { line_.hold_end(at); }
    [[nodiscard]] bool accepts() const override { return line_.bytes() < stalled_waiting_max; }
    [[nodiscard]] std::size_t held() const override { return line_.bytes(); }
    void release(Instant now, Outlet& below) override { line_.release(now, below); }

  private:
    HeldLine line_;
};

class Stall final : public Effect {
  public:
    explicit Stall(StallSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random, Tally& tally) override {
        Stages stages;
        if (spec_.ways.up) stages.up = std::make_unique<StallStage>(tally);
        if (spec_.ways.down) stages.down = std::make_unique<StallStage>(tally);
        return stages;
    }
    [[nodiscard]] Door door() const override {
        const bool both = spec_.ways.up && spec_.ways.down;
        return spec_.silent && both ? Door::silent : Door::open;
    }

  private:
    StallSpec spec_;
};

}  // namespace

std::shared_ptr<Effect> make_stall(StallSpec spec) {
    return std::make_shared<Stall>(spec);
}

LinkKind link_stall() {
    Kind kind{
        .name = "link.stall",
        .about = "Nothing moves, and nobody is told: connections stay open.",
        .parameters = {{.name = "new",
                        .type = ParameterType::choice,
                        .help = "Those who connect meanwhile: silent (accepted, and connected on "
                                "only once it is cleared) or through (connected on, then held; so "
                                "they are always where one direction is held).",
                        .default_value = "silent",
                        .choices = {"silent", "through"}},
                       direction_parameter(),
                       probability_parameter()},
        .needs = "a link in the scenario; no rights",
        .undo = "the effect is taken from the link; what was held goes on at once, in order",
        .proof = "chunks were held, or a connection was left unanswered",
        .clears = true,
        .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
                return make_stall(
                    {.silent = given.get<std::string>("new") == "silent", .ways = ways_of(given)});
            },
            .proven =
                [](const Tally& tally) { return tally.chunks.get() > 0 || tally.silent.get() > 0; },
            .account =
                [](const Tally& tally) {
                    return joined(delay_account(tally, "held"), ending_account(tally));
                }};
}

}  // namespace faultline::link
