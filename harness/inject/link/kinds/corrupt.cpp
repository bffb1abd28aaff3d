// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/corrupt.hpp"

#include <utility>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/inject/link/kinds/bit_flips.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

constexpr std::uint64_t every_max = 1'000'000'000'000;  // bytes

class CorruptStage final : public Stage {
  public:
    CorruptStage(double share, Random random, Tally& tally)
        : flips_(share, random), tally_(tally) {}

    void push(Chunk chunk, Outlet& below) override {
        if (const std::uint64_t flipped = flips_.apply(chunk.bytes); flipped > 0) {
            tally_.chunks.add();
            tally_.bytes.add(chunk.bytes.size());
            tally_.bits.add(flipped);
            tally_.note_first(chunk.at);
        }
        below.push(std::move(chunk));
    }

  private:
    BitFlips flips_;
    Tally& tally_;
};

class Corrupt final : public Effect {
  public:
    explicit Corrupt(CorruptSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random random, Tally& tally) override {
        Stages stages;
        if (spec_.ways.up) {
            stages.up = std::make_unique<CorruptStage>(spec_.share, random.fork("up"), tally);
        }
        if (spec_.ways.down) {
            stages.down = std::make_unique<CorruptStage>(spec_.share, random.fork("down"), tally);
        }
        return stages;
    }

  private:
    CorruptSpec spec_;
};

Result<double> share_of(const Parameters& given) {
    const double rate = given.get<double>("rate");
    const std::uint64_t every = bytes_of(given, "every");
    if ((rate > 0) == (every > 0)) {
        return fail(
            "say how much is flipped with \"rate\" (share of bits) or \"every\" (bytes between "
            "two flips on average), one of them",
            ErrorCode::invalid);
    }
    if (every == 0) return rate;
    FL_TRY_VOID(check_bytes(every, {"every", 1, every_max}));
    return 1.0 / (8.0 * static_cast<double>(every));
}

}  // namespace

Result<std::shared_ptr<Effect>> make_corrupt(CorruptSpec spec) {
    FL_TRY_VOID(check_number(spec.share, {"rate", flip_share_min, 1}));
    return std::make_shared<Corrupt>(spec);
}

LinkKind link_corrupt() {
    Kind kind{.name = "link.corrupt",
              .about = "Bits of what passes are flipped.",
              .parameters = {{.name = "rate",
                              .type = ParameterType::share,
                              .help = "The share of bits that are flipped, each on its own.",
                              .default_value = "0",
                              .minimum = 0,
                              .maximum = 1},
                             {.name = "every",
                              .type = ParameterType::bytes,
                              .help = "Instead of the rate: one flip in so many bytes on average.",
                              .default_value = "0B",
                              .minimum = 0,
                              .maximum = static_cast<double>(every_max)},
                             direction_parameter(),
                             probability_parameter()},
              .needs = "a link in the scenario; no rights",
              .undo = "the effect is taken from the link",
              .proof = "bits were flipped, and counted; the first one is t0",
              .clears = true,
              .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
                FL_TRY(const double share, share_of(given));
                return make_corrupt({.share = share, .ways = ways_of(given)});
            },
            .proven = [](const Tally& tally) { return tally.bits.get() > 0; },
            .account =
                [](const Tally& tally) {
                    return fmt::format("{} flipped in {} ({})",
                                       counted(tally.bits.get(), "bit"),
                                       counted(tally.chunks.get(), "chunk"),
                                       format_bytes(tally.bytes.get()));
                },
            .waits = true};
}

}  // namespace faultline::link
