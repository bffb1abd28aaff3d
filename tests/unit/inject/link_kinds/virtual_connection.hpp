// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/inject/link/effect.hpp"

namespace faultline::link {

/// What came out at the end of one way.
struct Delivered {
    std::vector<Chunk> chunks{};
    std::optional<Instant> finished{};

    [[nodiscard]] std::string bytes() const;
    /// When each chunk came out, from the connection's start.
    [[nodiscard]] std::vector<Duration> instants() const;
};

/// A connection in virtual time: stages are called as the engine calls them, and what comes out is
/// kept. Time goes on only in `run_until`, from one wish to be woken to the next.
class VirtualConnection {
  public:
    VirtualConnection();
    ~VirtualConnection();

    /// Puts an effect below those that are there. `midway`: as on a connection that was open.
    void attach(Effect& effect, Tally& tally, Random random = Random(1), bool midway = false);
    /// Takes the effect that came as the `index`-th away; later ones move up.
    void detach(std::size_t index);

    void push(Way way, std::string bytes);
    void finish(Way way);
    /// Requires: not back in time.
    void run_until(Duration since_start);
    /// Jumps there without waking anyone on the way, as a stalled machine does; then all at once.
    void jump_to(Duration since_start);

    [[nodiscard]] Duration time() const { return now_ - start(); }
    [[nodiscard]] bool accepts(Way way) const;
    [[nodiscard]] std::size_t held(Way way) const;
    [[nodiscard]] const Delivered& out(Way way) const;
    /// When the connection was ended by a stage.
    [[nodiscard]] std::optional<Duration> reset_at() const { return reset_at_; }
    [[nodiscard]] std::optional<Duration> closed_at() const { return closed_at_; }

    [[nodiscard]] static constexpr Instant start() { return Instant(std::chrono::hours(100)); }

  private:
    class Node;
    struct Line;

    [[nodiscard]] Line& line(Way way) const { return *lines_[static_cast<std::size_t>(way)]; }
    void advance_due();
    [[nodiscard]] bool ended() const { return reset_at_ || closed_at_; }
    [[nodiscard]] Outlet& below(Line& line, std::size_t index) const;

    Instant now_ = start();
    std::optional<Duration> reset_at_;
    std::optional<Duration> closed_at_;
    std::vector<std::unique_ptr<Line>> lines_;  // up, down
};

/// A text of which every part is different, and the same for the same seed.
[[nodiscard]] std::string some_bytes(std::size_t count, std::uint64_t seed = 1);

}  // namespace faultline::link
