// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "harness/inject/link/protocol/conversation.hpp"
#include "harness/inject/link/protocol/delay_line.hpp"
#include "harness/inject/link/stage.hpp"

namespace faultline::link {

/// The way up: finds requests, and forwards, answers, holds or drops each.
///
///   joining ──► looking ──► passing
///   (opened     heads are kept until they are    everything goes on as it is
///   before)     whole; bodies stream by
///
/// A head is kept back until it is whole; nothing else is but what a delay holds.
class RequestStage final : public Stage {
  public:
    explicit RequestStage(std::shared_ptr<Conversation> talk) : talk_(std::move(talk)) {}

    void push(Chunk chunk, Outlet& below) override;
    void finish(Instant at, Outlet& below) override;
    [[nodiscard]] Instant wake() const override;
    void advance(Instant now, Outlet& below) override;
    [[nodiscard]] bool accepts() const override;
    [[nodiscard]] std::size_t held() const override { return kept_.size() + line_.bytes(); }
    void release(Instant now, Outlet& below) override;
    [[nodiscard]] bool retire(Instant now, Outlet& below) override;
    [[nodiscard]] bool retired() const override;

  private:
    class Passage;
    void look(Chunk chunk, Outlet& below);
    /// One step forward in what came. False: nothing more can be said before more comes.
    [[nodiscard]] bool step(Passage& passage);
    [[nodiscard]] bool detect(Passage& passage);
    void follow_body(Passage& passage);
    void meet(std::size_t bytes, Passage& passage);
    void forward(const Request& request, std::size_t bytes, Passage& passage);
    void strike(const Request& request, std::size_t bytes, Passage& passage);
    void swallow(const Request& request, std::size_t bytes, Passage& passage);
    void lose_track();
    void pass_kept(Instant at, Outlet& below);

    void join(Chunk chunk, Outlet& below);
    [[nodiscard]] Instant quiet_at() const;
    [[nodiscard]] Instant give_up_at() const;
    void join_or_give_up(Instant now, Outlet& below);

    /// The connection's other way holds it too; whichever goes last frees it.
    std::shared_ptr<Conversation> talk_;
    std::string kept_;  // the begin of a head, or what waits for a place to begin
    Instant kept_at_{};
    DelayLine line_;
};

}  // namespace faultline::link
