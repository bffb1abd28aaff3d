// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/reset_peer.hpp"

#include "harness/inject/link/kinds/deadline.hpp"
#include "harness/inject/link/kinds/held_line.hpp"
#include "harness/inject/link/kinds/ranges.hpp"

namespace faultline::link {
namespace {

/// What is taken from a sender before it is stopped.
constexpr std::size_t doomed_waiting_max = 1U << 20;

class ResetPeerStage final : public Stage {
  public:
    ResetPeerStage(std::shared_ptr<Deadline> deadline, Tally& tally)
        : deadline_(std::move(deadline)), tally_(tally), line_(tally) {}

    void push(Chunk chunk, Outlet&) override { line_.hold(std::move(chunk)); }
    void finish(Instant at, Outlet&) override { line_.hold_end(at); }
    [[nodiscard]] Instant wake() const override { return deadline_->wake(); }
    void advance(Instant now, Outlet& below) override {
        if (!deadline_->reached(now)) return;
        tally_.resets.add();
        tally_.note_first(now);
        below.reset();
    }
    [[nodiscard]] bool accepts() const override { return line_.bytes() < doomed_waiting_max; }
    [[nodiscard]] std::size_t held() const override { return line_.bytes(); }
    void release(Instant now, Outlet& below) override {
        if (!deadline_->over()) line_.release(now, below);
    }

  private:
    std::shared_ptr<Deadline> deadline_;  // with the stage of the other way
    Tally& tally_;
    HeldLine line_;
};

class ResetPeer final : public Effect {
  public:
    explicit ResetPeer(ResetPeerSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random, Tally& tally) override {
        const auto deadline = std::make_shared<Deadline>(spec_.timeout);
        Stages stages;
        if (spec_.ways.up) stages.up = std::make_unique<ResetPeerStage>(deadline, tally);
        if (spec_.ways.down) stages.down = std::make_unique<ResetPeerStage>(deadline, tally);
        return stages;
    }

  private:
    ResetPeerSpec spec_;
};

}  // namespace

Result<std::shared_ptr<Effect>> make_reset_peer(ResetPeerSpec spec) {
    FL_TRY_VOID(check_range(spec.timeout, {"timeout", Duration::zero(), delay_max}));
    return std::make_shared<ResetPeer>(spec);
}

}  // namespace faultline::link
