// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "harness/inject/link/protocol/conversation.hpp"
#include "harness/inject/link/stage.hpp"

namespace faultline::link {

/// The way down: passes the server's answers as they come, and puts ours between them where their
/// turn is. It holds nothing back.
class AnswerStage final : public Stage {
  public:
    explicit AnswerStage(std::shared_ptr<Conversation> talk) : talk_(std::move(talk)) {}

    void push(Chunk chunk, Outlet& below) override;
    void finish(Instant at, Outlet& below) override;
    [[nodiscard]] Instant wake() const override;
    void advance(Instant now, Outlet& below) override;
    void release(Instant now, Outlet& below) override;
    [[nodiscard]] bool retire(Instant now, Outlet& below) override;
    [[nodiscard]] bool retired() const override { return !talk_->committed(); }

  private:
    /// Follows the answers in `bytes` up to where one of ours has its turn; returns how far.
    [[nodiscard]] std::size_t follow(std::string_view bytes);
    [[nodiscard]] bool our_turn() const;
    /// Whether answers of ours are owed that can no longer be given.
    [[nodiscard]] bool stuck() const;
    /// Gives those whose turn it is.
    void give(Instant at, Outlet& below);
    void pass(Chunk chunk, Outlet& below);
    void end(Outlet& below);
    void lose_track();

    /// The connection's other way holds it too; whichever goes last frees it.
    std::shared_ptr<Conversation> talk_;
    bool within_ = false;   // an answer of the server has begun
    bool bound_ = false;    // and it is the first one owed; else nobody asked for it
    bool passing_ = false;  // nothing is looked at any more
    bool finished_ = false;
    Instant latest_ = Instant::min();  // of what was pushed
};

}  // namespace faultline::link
