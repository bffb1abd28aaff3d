// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/inject/link/engine.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {

/// Passes every chunk on `delay` after it came, the end too.
class DelayStage final : public link::Stage {
  public:
    explicit DelayStage(Duration delay) : delay_(delay) {}
    void push(link::Chunk chunk, link::Outlet& below) override;
    void finish(Instant at, link::Outlet& below) override;
    [[nodiscard]] Instant wake() const override;
    void advance(Instant now, link::Outlet& below) override;
    [[nodiscard]] std::size_t held() const override { return held_; }
    void release(Instant now, link::Outlet& below) override;

  private:
    void pass_until(Instant limit, link::Outlet& below);
    Duration delay_;
    std::deque<link::Chunk> waiting_;
    std::optional<Instant> end_;
    std::size_t held_ = 0;
};

/// Cuts chunks into pieces of at most `bytes`.
class SliceStage final : public link::Stage {
  public:
    explicit SliceStage(std::size_t bytes) : bytes_(bytes) {}
    void push(link::Chunk chunk, link::Outlet& below) override;

  private:
    std::size_t bytes_;
};

/// Lets nothing through, takes nothing after the first chunk.
class StallStage final : public link::Stage {
  public:
    void push(link::Chunk chunk, link::Outlet& below) override;
    void finish(Instant at, link::Outlet& below) override;
    [[nodiscard]] bool accepts() const override { return held_.bytes.empty(); }
    [[nodiscard]] std::size_t held() const override { return held_.bytes.size(); }
    void release(Instant now, link::Outlet& below) override;

  private:
    link::Chunk held_;
    bool ended_ = false;
};

/// After so many bytes: `reset` or `close`.
class EndingStage final : public link::Stage {
  public:
    EndingStage(std::size_t after, bool with_reset) : left_(after), with_reset_(with_reset) {}
    void push(link::Chunk chunk, link::Outlet& below) override;

  private:
    std::size_t left_;
    bool with_reset_;
};

/// Puts a letter in front of every chunk: shows which stages bytes passed, and in which order.
class MarkStage final : public link::Stage {
  public:
    explicit MarkStage(char mark) : mark_(mark) {}
    void push(link::Chunk chunk, link::Outlet& below) override;

  private:
    char mark_;
};

/// Swallows the end of the stream, as no stage should.
class ForgetfulStage final : public link::Stage {
  public:
    void finish(Instant, link::Outlet&) override {}
};

/// An effect made of functions.
class TestEffect final : public link::Effect {
  public:
    using Make = std::function<std::unique_ptr<link::Stage>(Random& random)>;
    struct Parts {
        Make up{};
        Make down{};
        link::Door door = link::Door::open;
        link::OpenConnections open = link::OpenConnections::keep;
        link::OpenConnections removed = link::OpenConnections::keep;
    };
    explicit TestEffect(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] Stages attach(Random random, link::Tally&) override;
    [[nodiscard]] link::Door door() const override { return parts_.door; }
    [[nodiscard]] link::OpenConnections open_connections() const override { return parts_.open; }
    [[nodiscard]] link::OpenConnections when_removed() const override { return parts_.removed; }

  private:
    Parts parts_;
};

[[nodiscard]] std::shared_ptr<link::Effect> effect(TestEffect::Parts parts);
/// The same stage on both ways.
template <class Stage, class... Arguments>
[[nodiscard]] std::shared_ptr<link::Effect> on_both(Arguments... arguments) {
    const auto make = [arguments...](Random&) { return std::make_unique<Stage>(arguments...); };
    return effect({.up = make, .down = make});
}

/// An engine with one link to `upstream`.
struct OneLink {
    std::unique_ptr<link::Engine> engine;
    link::LinkId id{};
    std::string address{};

    /// Puts on, or (null) takes away.
    void put(const std::string& effect_id,
             std::shared_ptr<link::Effect> effect,
             std::shared_ptr<link::Tally> tally = std::make_shared<link::Tally>(),
             double probability = 1) const;
    void take(const std::string& effect_id) const { put(effect_id, nullptr); }
};
[[nodiscard]] OneLink one_link(const std::string& upstream,
                               link::Engine::Options options = {.seed = 1},
                               const std::string& listen = "127.0.0.1:0");

/// The two ends of a connection through a link.
struct Pair {
    Wire client;
    Wire server;
    /// What one letter sent by the client has become.
    [[nodiscard]] std::string passed(std::size_t bytes);
};
[[nodiscard]] Pair connect_through(const OneLink& link, TestServer& server);
/// Whether a connection to `address` arrives at `server`.
[[nodiscard]] bool reaches(const std::string& address, TestServer& server);

}  // namespace faultline::testing
