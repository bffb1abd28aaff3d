// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/bandwidth.hpp"

#include <algorithm>
#include <utility>

#include "harness/inject/link/kinds/byte_clock.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/held_line.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

/// What is put on the line at once: so many bytes as go through in 5 ms, so that pacing is smooth
/// and wakes the engine 200 times a second at most, while reads are not cut where it is fast.
constexpr std::uint64_t pieces_per_second = 200;
constexpr std::uint64_t piece_max = 64U << 10;
/// What waits before the sender is stopped: enough that the line never runs dry while its next
/// bytes are being read, little enough that a slow line pushes back soon.
constexpr std::uint64_t waiting_parts = 4;  // of a second's bytes
constexpr std::uint64_t waiting_min = 64U << 10;

/// A fast line is looked after this often while it is busy, else waking takes the time that the
/// bytes need: pieces then leave a little later than planned, and no later for all of them.
constexpr Duration looked_after_every = std::chrono::microseconds(500);

class BandwidthStage final : public Stage {
  public:
    /// `alone`: nobody else puts bytes on the line. Where others do, each piece is seen to at once,
    /// so that they take turns.
    BandwidthStage(std::shared_ptr<ByteClock> clock, bool alone, std::uint64_t rate, Tally& tally)
        : clock_(std::move(clock)),
          alone_(alone),
          piece_max_(std::clamp<std::uint64_t>(rate / pieces_per_second, 1, piece_max)),
          waiting_max_(std::max(rate / waiting_parts, waiting_min)),
          line_(tally) {}

    void push(Chunk chunk, Outlet&) override {
        line_.hold(std::move(chunk));
        if (!piece_) put_next();
    }
    void finish(Instant at, Outlet& below) override {
        if (line_.empty()) return below.finish(at);
        line_.hold_end(at);
    }
    [[nodiscard]] Instant wake() const override {
        if (!piece_) return Instant::max();
        if (!alone_) return due_;
        const Instant all_through = due_ + clock_->time_for(line_.bytes() - *piece_);
        return std::max(due_, std::min(all_through, looked_ + looked_after_every));
    }
    void advance(Instant now, Outlet& below) override {
        looked_ = now;
        while (piece_ && due_ <= now) {
            line_.pass_bytes(*std::exchange(piece_, std::nullopt), due_, below);
            if (!line_.empty()) put_next();
        }
        if (!piece_ && !line_.empty())  // the end
            line_.pass_front(std::max(line_.front_came(), due_), below);
    }
    [[nodiscard]] bool accepts() const override { return line_.bytes() < waiting_max_; }
    [[nodiscard]] std::size_t held() const override { return line_.bytes(); }
    void release(Instant now, Outlet& below) override { line_.release(now, below); }

  private:
    /// One piece at a time, so that connections which share the line take turns.
    void put_next() {
        if (line_.front_is_end()) return;
        piece_ = std::min(line_.front_bytes(), piece_max_);
        due_ = clock_->put(std::max(line_.front_came(), due_), *piece_);
    }

    // Shared with the other connections of the effect, which may be gone before its stages.
    std::shared_ptr<ByteClock> clock_;
    bool alone_;
    std::size_t piece_max_;
    std::size_t waiting_max_;
    HeldLine line_;
    std::optional<std::size_t> piece_;  // of the first in line: on the line until due_
    Instant due_ = Instant::min();
    Instant looked_{};
};

class Bandwidth final : public Effect {
  public:
    explicit Bandwidth(BandwidthSpec spec) : spec_(spec), up_(new_clock()), down_(new_clock()) {}

    [[nodiscard]] Stages attach(Random, Tally& tally) override {
        const bool shared = spec_.share == BandwidthSpec::Share::link;
        const auto stage = [&](const std::shared_ptr<ByteClock>& of_all) {
            return std::make_unique<BandwidthStage>(
                shared ? of_all : new_clock(), !shared, spec_.rate, tally);
        };
        Stages stages;
        if (spec_.ways.up) stages.up = stage(up_);
        if (spec_.ways.down) stages.down = stage(down_);
        return stages;
    }

  private:
    [[nodiscard]] std::shared_ptr<ByteClock> new_clock() const {
        return std::make_shared<ByteClock>(spec_.rate);
    }

    BandwidthSpec spec_;
    std::shared_ptr<ByteClock> up_;
    std::shared_ptr<ByteClock> down_;
};

}  // namespace

Result<std::shared_ptr<Effect>> make_bandwidth(BandwidthSpec spec) {
    FL_TRY_VOID(check_bytes(spec.rate, {"rate", 1, rate_max}));
    return std::make_shared<Bandwidth>(spec);
}

LinkKind link_bandwidth() {
    Kind kind{.name = "link.bandwidth",
              .about = "Only so many bytes get through per second, each way.",
              .parameters = {{.name = "rate",
                              .type = ParameterType::bytes,
                              .help = "Bytes per second: \"1MB\" lets a million through.",
                              .required = true,
                              .minimum = 1,
                              .maximum = static_cast<double>(rate_max)},
                             {.name = "share",
                              .type = ParameterType::choice,
                              .help = "What has this rate: each connection, or all connections of "
                                      "all the links together.",
                              .default_value = "connection",
                              .choices = {"connection", "link"}},
                             direction_parameter(),
                             probability_parameter()},
              .needs = "a link in the scenario; no rights",
              .undo = "the effect is taken from the link; what is held goes on at once, in order",
              .proof = "chunks were held back",
              .clears = true,
              .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
                BandwidthSpec spec{.rate = bytes_of(given, "rate"), .ways = ways_of(given)};
                if (given.get<std::string>("share") == "link")
                    spec.share = BandwidthSpec::Share::link;
                return make_bandwidth(spec);
            },
            .proven = [](const Tally& tally) { return tally.chunks.get() > 0; },
            .account = [](const Tally& tally) { return delay_account(tally, "slowed down"); }};
}

}  // namespace faultline::link
