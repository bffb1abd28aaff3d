// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/slow_close.hpp"

#include <utility>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/held_line.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

class SlowCloseStage final : public Stage {
  public:
    SlowCloseStage(Duration delay, Tally& tally) : delay_(delay), line_(tally) {}

    void finish(Instant at, Outlet& below) override {
        if (delay_ == Duration::zero()) return below.finish(at);
        line_.hold_end(at, at + delay_);
    }
    [[nodiscard]] Instant wake() const override { return line_.wake(); }
    void advance(Instant now, Outlet& below) override { line_.pass_due(now, below); }
    void release(Instant now, Outlet& below) override { line_.release(now, below); }

  private:
    Duration delay_;
    HeldLine line_;
};

class SlowClose final : public Effect {
  public:
    explicit SlowClose(SlowCloseSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random, Tally& tally) override {
        Stages stages;
        if (spec_.ways.up) stages.up = std::make_unique<SlowCloseStage>(spec_.delay, tally);
        if (spec_.ways.down) stages.down = std::make_unique<SlowCloseStage>(spec_.delay, tally);
        return stages;
    }

  private:
    SlowCloseSpec spec_;
};

std::string slow_close_account(const Tally& tally) {
    std::string text = counted(tally.chunks.get(), "end") + " of stream held back";
    const std::uint64_t passed = tally.passed.get();
    if (passed == 0) return text;
    const auto mean = static_cast<std::int64_t>(tally.delay_ns.get() / passed);
    return fmt::format("{} by {} on average", text, format_duration(Duration(mean)));
}

}  // namespace

Result<std::shared_ptr<Effect>> make_slow_close(SlowCloseSpec spec) {
    FL_TRY_VOID(check_range(spec.delay, {"delay", Duration::zero(), delay_max}));
    return std::make_shared<SlowClose>(spec);
}

LinkKind link_slow_close() {
    Kind kind{.name = "link.slow_close",
              .about = "The end of the stream arrives later than what was sent before it.",
              .parameters = {{.name = "delay",
                              .type = ParameterType::duration,
                              .help = "How long the end is held back.",
                              .required = true,
                              .minimum = 1,
                              .maximum = bound_of(delay_max)},
                             direction_parameter(),
                             probability_parameter()},
              .needs = "a link in the scenario; no rights",
              .undo = "the effect is taken from the link; ends that are held go on at once",
              .proof = "an end of stream was held back; the first one is t0",
              .clears = true,
              .on_links = true};
    return {
        .kind = std::move(kind),
        .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
            return make_slow_close({.delay = given.get<Duration>("delay"), .ways = ways_of(given)});
        },
        .proven = [](const Tally& tally) { return tally.chunks.get() > 0; },
        .account = slow_close_account,
        .waits = true};
}

}  // namespace faultline::link
