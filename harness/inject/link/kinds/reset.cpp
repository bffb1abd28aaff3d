// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/reset.hpp"

#include <utility>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/deadline.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

/// What the stages of both ways of a connection share.
struct Doomed {
    Deadline deadline;
    std::optional<std::uint64_t> bytes_left;  // absent: bytes do not count
};

class ResetStage final : public Stage {
  public:
    ResetStage(std::shared_ptr<Doomed> doomed, bool counts, Tally& tally)
        : doomed_(std::move(doomed)), counts_(counts), tally_(tally) {}

    void push(Chunk chunk, Outlet& below) override {
        if (doomed_->deadline.over()) return;
        const Instant at = chunk.at;
        if (doomed_->deadline.reached(at)) return reset(at, below);
        if (!counts_ || !doomed_->bytes_left) return below.push(std::move(chunk));
        std::uint64_t& left = *doomed_->bytes_left;
        if (chunk.bytes.size() < left) {
            left -= chunk.bytes.size();
            return below.push(std::move(chunk));
        }
        chunk.bytes.resize(std::exchange(left, 0));
        doomed_->deadline.end();
        below.push(std::move(chunk));
        reset(at, below);
    }
    void finish(Instant at, Outlet& below) override {
        if (!doomed_->deadline.over()) below.finish(at);
    }
    [[nodiscard]] Instant wake() const override { return doomed_->deadline.wake(); }
    void advance(Instant now, Outlet& below) override {
        if (doomed_->deadline.reached(now)) reset(now, below);
    }

  private:
    void reset(Instant at, Outlet& below) {
        tally_.resets.add();
        tally_.note_first(at);
        below.reset();
    }

    std::shared_ptr<Doomed> doomed_;  // with the stage of the other way
    bool counts_;                     // the bytes of this way
    Tally& tally_;
};

class Reset final : public Effect {
  public:
    explicit Reset(ResetSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random, Tally& tally) override {
        return spec_.fresh ? stages(tally) : Stages{};
    }
    [[nodiscard]] Stages attach_midway(Random, Tally& tally) override {
        return spec_.open == ResetSpec::Open::later ? stages(tally) : Stages{};
    }
    [[nodiscard]] OpenConnections open_connections() const override {
        return spec_.open == ResetSpec::Open::now ? OpenConnections::reset : OpenConnections::keep;
    }

  private:
    [[nodiscard]] Stages stages(Tally& tally) const {
        std::optional<Duration> after;
        if (spec_.after > Duration::zero() || spec_.bytes == 0) after = spec_.after;
        std::optional<std::uint64_t> bytes;
        if (spec_.bytes > 0) bytes = spec_.bytes;
        const auto doomed = std::make_shared<Doomed>(Deadline(after), bytes);
        return {.up = std::make_unique<ResetStage>(doomed, spec_.ways.up, tally),
                .down = std::make_unique<ResetStage>(doomed, spec_.ways.down, tally)};
    }

    ResetSpec spec_;
};

ResetSpec reset_spec_of(const Parameters& given) {
    ResetSpec spec{.fresh = given.get<bool>("new"),
                   .after = given.get<Duration>("after_time"),
                   .bytes = bytes_of(given, "after_bytes"),
                   .ways = ways_of(given)};
    const auto& open = given.get<std::string>("open");
    if (open == "later") spec.open = ResetSpec::Open::later;
    if (open == "keep") spec.open = ResetSpec::Open::keep;
    return spec;
}

}  // namespace

Result<std::shared_ptr<Effect>> make_reset(ResetSpec spec) {
    FL_TRY_VOID(check_range(spec.after, {"after_time", Duration::zero(), delay_max}));
    FL_TRY_VOID(check_bytes(spec.bytes, {"after_bytes", 0, reset_bytes_max}));
    if (spec.open == ResetSpec::Open::keep && !spec.fresh) {
        return fail(
            "\"open\" is keep and \"new\" is false: no connection would be reset; set \"new\" to "
            "true",
            ErrorCode::invalid);
    }
    const bool waits = spec.after > Duration::zero() || spec.bytes > 0;
    if (waits && spec.open == ResetSpec::Open::now && !spec.fresh) {
        return fail(
            "\"after_time\" and \"after_bytes\" mean nothing while open connections are reset at "
            "once and new ones are not: set \"open\" to later, or \"new\" to true",
            ErrorCode::invalid);
    }
    return std::make_shared<Reset>(spec);
}

LinkKind link_reset() {
    Kind kind{
        .name = "link.reset",
        .about = "Connections end with RST.",
        .parameters =
            {{.name = "open",
              .type = ParameterType::choice,
              .help = "Connections that are open at the injection: reset now, later (after_time, "
                      "after_bytes), or keep.",
              .default_value = "now",
              .choices = {"now", "later", "keep"}},
             {.name = "new",
              .type = ParameterType::boolean,
              .help = "Whether connections that come later are reset too.",
              .default_value = "false"},
             {.name = "after_time",
              .type = ParameterType::duration,
              .help = "How long a connection lives, from the injection or from when it comes.",
              .default_value = "0s",
              .minimum = 0,
              .maximum = bound_of(delay_max)},
             {.name = "after_bytes",
              .type = ParameterType::bytes,
              .help = "How many bytes still pass, both ways together unless \"direction\" says "
                      "which count; 0B: bytes do not matter. With after_time: whichever is first.",
              .default_value = "0B",
              .minimum = 0,
              .maximum = static_cast<double>(reset_bytes_max)},
             direction_parameter(),
             probability_parameter()},
        .needs = "a link in the scenario; no rights",
        .undo = "the effect is taken from the link; connections that are left go on",
        .proof = "a connection was reset; the first one is t0",
        .clears = true,
        .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) { return make_reset(reset_spec_of(given)); },
            .proven = [](const Tally& tally) { return tally.resets.get() > 0; },
            .account = ending_account,
            .waits = true};
}

}  // namespace faultline::link
