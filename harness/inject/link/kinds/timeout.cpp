// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/timeout.hpp"

#include "harness/inject/link/kinds/deadline.hpp"
#include "harness/inject/link/kinds/ranges.hpp"

namespace faultline::link {
namespace {

class TimeoutStage final : public Stage {
  public:
    TimeoutStage(std::shared_ptr<Deadline> deadline, Tally& tally)
        : deadline_(std::move(deadline)), tally_(tally) {}

    void push(Chunk chunk, Outlet&) override {
        tally_.chunks.add();
        tally_.bytes.add(chunk.bytes.size());
        tally_.note_first(chunk.at);
    }
    void finish(Instant at, Outlet&) override { tally_.note_first(at); }
    [[nodiscard]] Instant wake() const override { return deadline_->wake(); }
    void advance(Instant now, Outlet& below) override {
        if (!deadline_->reached(now)) return;
        tally_.closes.add();
        tally_.note_first(now);
        below.close();
    }

  private:
    std::shared_ptr<Deadline> deadline_;  // with the stage of the other way
    Tally& tally_;
};

class Timeout final : public Effect {
  public:
    explicit Timeout(TimeoutSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random, Tally& tally) override {
        std::optional<Duration> after;
        if (spec_.timeout > Duration::zero()) after = spec_.timeout;
        const auto deadline = std::make_shared<Deadline>(after);
        Stages stages;
        if (spec_.ways.up) stages.up = std::make_unique<TimeoutStage>(deadline, tally);
        if (spec_.ways.down) stages.down = std::make_unique<TimeoutStage>(deadline, tally);
        return stages;
    }
    [[nodiscard]] OpenConnections when_removed() const override { return OpenConnections::close; }

  private:
    TimeoutSpec spec_;
};

}  // namespace

Result<std::shared_ptr<Effect>> make_timeout(TimeoutSpec spec) {
    FL_TRY_VOID(check_range(spec.timeout, {"timeout", Duration::zero(), delay_max}));
    return std::make_shared<Timeout>(spec);
}

}  // namespace faultline::link
