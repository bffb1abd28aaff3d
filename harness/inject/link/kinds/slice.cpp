// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/slice.hpp"

#include <algorithm>
#include <utility>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/held_line.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

/// What waits before the sender is stopped.
constexpr std::size_t sliced_waiting_max = 256U << 10;

class SliceStage final : public Stage {
  public:
    SliceStage(const SliceSpec& spec, Random random, Tally& tally)
        : spec_(spec), random_(random), line_(tally), left_(draw()) {}

    void push(Chunk chunk, Outlet& below) override {
        const bool whole = chunk.bytes.size() <= left_;
        if (whole && line_.empty() && may_pass_ <= chunk.at) {
            take(chunk.bytes.size(), chunk.at);
            return below.push(std::move(chunk));
        }
        const Instant at = chunk.at;
        line_.hold(std::move(chunk));
        advance(at, below);
    }
    void finish(Instant at, Outlet& below) override {
        if (line_.empty()) return below.finish(at);
        line_.hold_end(at);
    }
    [[nodiscard]] Instant wake() const override {
        if (line_.empty()) return Instant::max();
        return line_.front_is_end() ? line_.front_came() : due();
    }
    void advance(Instant now, Outlet& below) override {
        while (!line_.empty() && wake() <= now) {
            if (line_.front_is_end())
                return line_.pass_front(std::max(line_.front_came(), passed_), below);
            const std::size_t count = std::min<std::size_t>(line_.front_bytes(), left_);
            const Instant at = due();
            take(count, at);
            line_.pass_bytes(count, at, below);
        }
    }
    [[nodiscard]] bool accepts() const override { return line_.bytes() < sliced_waiting_max; }
    [[nodiscard]] std::size_t held() const override { return line_.bytes(); }
    void release(Instant now, Outlet& below) override { line_.release(now, below); }

  private:
    [[nodiscard]] std::uint64_t draw() {
        const std::uint64_t size =
            spec_.average - spec_.variation + random_.below(2 * spec_.variation + 1);
        return std::max<std::uint64_t>(size, 1);
    }
    [[nodiscard]] Instant due() const { return std::max(line_.front_came(), may_pass_); }
    /// Bytes of this slice go on.
    void take(std::size_t count, Instant at) {
        left_ -= count;
        passed_ = at;
        may_pass_ = at;
        if (left_ > 0) return;
        left_ = draw();
        may_pass_ = at + spec_.delay;
    }

    SliceSpec spec_;
    Random random_;
    HeldLine line_;
    std::uint64_t left_;                 // bytes of the present slice that are to come
    Instant may_pass_ = Instant::min();  // the next byte, not before
    Instant passed_ = Instant::min();    // the last byte
};

class Slice final : public Effect {
  public:
    explicit Slice(SliceSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random random, Tally& tally) override {
        Stages stages;
        if (spec_.ways.up)
            stages.up = std::make_unique<SliceStage>(spec_, random.fork("up"), tally);
        if (spec_.ways.down)
            stages.down = std::make_unique<SliceStage>(spec_, random.fork("down"), tally);
        return stages;
    }

  private:
    SliceSpec spec_;
};

}  // namespace

Result<std::shared_ptr<Effect>> make_slice(SliceSpec spec) {
    FL_TRY_VOID(check_bytes(spec.average, {"average", 1, slice_max}));
    FL_TRY_VOID(check_bytes(spec.variation, {"variation", 0, spec.average}));
    FL_TRY_VOID(check_range(spec.delay, {"delay", Duration::zero(), delay_max}));
    return std::make_shared<Slice>(spec);
}

LinkKind link_slice() {
    Kind kind{
        .name = "link.slice",
        .about = "The stream arrives in small pieces, as on a network with a small packet size.",
        .parameters =
            {{.name = "average",
              .type = ParameterType::bytes,
              .help = "The mean size of a slice.",
              .required = true,
              .minimum = 1,
              .maximum = static_cast<double>(slice_max)},
             {.name = "variation",
              .type = ParameterType::bytes,
              .help = "Sizes are uniform from average - variation to average + variation; a slice "
                      "has at least one byte. At most average.",
              .default_value = "0B",
              .minimum = 0,
              .maximum = static_cast<double>(slice_max)},
             {.name = "delay",
              .type = ParameterType::duration,
              .help = "Time between two slices; with 0s the kernel may join them again.",
              .default_value = "0s",
              .minimum = 0,
              .maximum = bound_of(delay_max)},
             direction_parameter(),
             probability_parameter()},
        .needs = "a link in the scenario; no rights",
        .undo = "the effect is taken from the link; what is held goes on at once, in order",
        .proof = "chunks were cut, or held back between slices",
        .clears = true,
        .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
                return make_slice({.average = bytes_of(given, "average"),
                                   .variation = bytes_of(given, "variation"),
                                   .delay = given.get<Duration>("delay"),
                                   .ways = ways_of(given)});
            },
            .proven = [](const Tally& tally) { return tally.chunks.get() > 0; },
            .account = [](const Tally& tally) { return delay_account(tally, "cut, delayed"); }};
}

}  // namespace faultline::link
