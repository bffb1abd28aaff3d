// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/limit.hpp"

#include <utility>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/deadline.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

class LimitStage final : public Stage {
  public:
    LimitStage(std::uint64_t bytes, std::shared_ptr<Deadline> end, Tally& tally)
        : left_(bytes), end_(std::move(end)), tally_(tally) {}

    void push(Chunk chunk, Outlet& below) override {
        if (end_->over()) return;
        const Instant at = chunk.at;
        const std::size_t size = chunk.bytes.size();
        if (size < left_) {
            left_ -= size;
            return below.push(std::move(chunk));
        }
        end_->end();
        if (size > left_) {
            tally_.chunks.add();
            tally_.bytes.add(size - left_);
            chunk.bytes.resize(left_);
        }
        tally_.closes.add();
        tally_.note_first(at);
        if (!chunk.bytes.empty()) below.push(std::move(chunk));
        below.close();
    }
    void finish(Instant at, Outlet& below) override {
        if (!end_->over()) below.finish(at);
    }

  private:
    std::uint64_t left_;
    std::shared_ptr<Deadline> end_;  // with the stage of the other way
    Tally& tally_;
};

class Limit final : public Effect {
  public:
    explicit Limit(LimitSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random, Tally& tally) override {
        const auto end = std::make_shared<Deadline>(std::nullopt);
        Stages stages;
        if (spec_.ways.up) stages.up = std::make_unique<LimitStage>(spec_.bytes, end, tally);
        if (spec_.ways.down) stages.down = std::make_unique<LimitStage>(spec_.bytes, end, tally);
        return stages;
    }

  private:
    LimitSpec spec_;
};

}  // namespace

Result<std::shared_ptr<Effect>> make_limit(LimitSpec spec) {
    FL_TRY_VOID(check_bytes(spec.bytes, {"bytes", 0, limit_max}));
    return std::make_shared<Limit>(spec);
}

LinkKind link_limit() {
    Kind kind{.name = "link.limit",
              .about = "Each connection is closed once so many bytes have passed one way.",
              .parameters = {{.name = "bytes",
                              .type = ParameterType::bytes,
                              .help = "How many are delivered, exactly, from the injection on; 0B: "
                                      "closed at the first byte.",
                              .required = true,
                              .minimum = 0,
                              .maximum = static_cast<double>(limit_max)},
                             direction_parameter(),
                             probability_parameter()},
              .needs = "a link in the scenario; no rights",
              .undo = "the effect is taken from the link; connections that are left go on",
              .proof = "a connection was closed; the first one is t0",
              .clears = true,
              .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
                return make_limit({.bytes = bytes_of(given, "bytes"), .ways = ways_of(given)});
            },
            .proven = [](const Tally& tally) { return tally.closes.get() > 0; },
            .account = ending_account,
            .waits = true};
}

}  // namespace faultline::link
