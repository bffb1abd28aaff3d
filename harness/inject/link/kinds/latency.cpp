// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/latency.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "harness/base/units.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/held_line.hpp"
#include "harness/inject/link/kinds/ranges.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

class LatencyStage final : public Stage {
  public:
    /// `fixed`: the delay of every chunk; absent: each draws its own.
    LatencyStage(const Distribution& distribution,
                 std::optional<Duration> fixed,
                 Random random,
                 Tally& tally)
        : distribution_(distribution), random_(random), fixed_(fixed), line_(tally) {}

    void push(Chunk chunk, Outlet& below) override {
        due_ = std::max(due_, chunk.at + delay());
        if (line_.empty() && due_ <= chunk.at) return below.push(std::move(chunk));
        line_.hold(std::move(chunk), due_);
    }
    void finish(Instant at, Outlet& below) override {
        due_ = std::max(due_, at + delay());
        if (line_.empty() && due_ <= at) return below.finish(at);
        line_.hold_end(at, due_);
    }
    [[nodiscard]] Instant wake() const override { return line_.wake(); }
    void advance(Instant now, Outlet& below) override { line_.pass_due(now, below); }
    [[nodiscard]] std::size_t held() const override { return line_.bytes(); }
    void release(Instant now, Outlet& below) override { line_.release(now, below); }

  private:
    Duration delay() { return fixed_ ? *fixed_ : distribution_.draw(random_); }

    Distribution distribution_;
    Random random_;
    std::optional<Duration> fixed_;
    HeldLine line_;
    Instant due_{};  // of the last one
};

class Latency final : public Effect {
  public:
    Latency(Distribution distribution, LatencySpec::Per per, Ways ways)
        : distribution_(std::move(distribution)), per_(per), ways_(ways) {}

    [[nodiscard]] Stages attach(Random random, Tally& tally) override {
        std::optional<Duration> fixed;
        if (per_ == LatencySpec::Per::connection) fixed = distribution_.draw(random);
        const auto stage = [&](const char* way) {
            return std::make_unique<LatencyStage>(distribution_, fixed, random.fork(way), tally);
        };
        Stages stages;
        if (ways_.up) stages.up = stage("up");
        if (ways_.down) stages.down = stage("down");
        return stages;
    }

  private:
    Distribution distribution_;
    LatencySpec::Per per_;
    Ways ways_;
};

// ---- the row

constexpr std::array shapes{std::pair{"constant", DelayShape::constant},
                            std::pair{"uniform", DelayShape::uniform},
                            std::pair{"normal", DelayShape::normal},
                            std::pair{"exponential", DelayShape::exponential},
                            std::pair{"pareto", DelayShape::pareto},
                            std::pair{"quantiles", DelayShape::quantiles}};

/// {"50%": "1ms", "99%": "20ms"} → the quantiles in order.
Result<std::vector<DelaySpec::Quantile>> quantiles_of(
    const std::map<std::string, std::string>& fields) {
    std::vector<DelaySpec::Quantile> quantiles;
    for (const auto& [share, delay] : fields) {
        const auto parsed_share = parse_share(share);
        if (!parsed_share) return in_context("\"quantiles\"", parsed_share.error());
        const auto parsed_delay = parse_duration(delay);
        if (!parsed_delay) return in_context("\"quantiles\"", parsed_delay.error());
        quantiles.push_back({*parsed_share, *parsed_delay});
    }
    std::sort(quantiles.begin(), quantiles.end(), [](const auto& a, const auto& b) {
        return a.share < b.share;
    });
    return quantiles;
}

Result<LatencySpec> spec_of(const Parameters& given) {
    LatencySpec spec{.ways = ways_of(given)};
    for (const auto& [name, shape] : shapes) {
        if (given.get<std::string>("distribution") == name) spec.delay.shape = shape;
    }
    spec.delay.delay = given.get<Duration>("delay");
    spec.delay.spread = given.get<Duration>("spread");
    spec.delay.tail = given.get<double>("shape");
    FL_TRY(spec.delay.quantiles,
           quantiles_of(given.get<std::map<std::string, std::string>>("quantiles")));
    if (given.get<std::string>("per") == "connection") spec.per = LatencySpec::Per::connection;
    const bool nothing = spec.delay.delay == Duration::zero() &&
                         spec.delay.spread == Duration::zero() && spec.delay.quantiles.empty();
    if (nothing) return fail("\"delay\" is missing: say how long", ErrorCode::invalid);
    return spec;
}

std::vector<std::string> shape_names() {
    std::vector<std::string> names;
    for (const auto& [name, shape] : shapes)
        names.emplace_back(name);
    return names;
}

}  // namespace

Result<std::shared_ptr<Effect>> make_latency(LatencySpec spec) {
    FL_TRY(Distribution distribution, Distribution::make(std::move(spec.delay)));
    return std::make_shared<Latency>(std::move(distribution), spec.per, spec.ways);
}

LinkKind link_latency() {
    Kind kind{
        .name = "link.latency",
        .about = "Bytes take longer; their order is kept. Connecting itself is not delayed.",
        .parameters =
            {{.name = "delay",
              .type = ParameterType::duration,
              .help = "The mean delay.",
              .default_value = "0s",
              .minimum = 0,
              .maximum = bound_of(delay_max)},
             {.name = "spread",
              .type = ParameterType::duration,
              .help = "uniform: from delay - spread to delay + spread; normal: the standard "
                      "deviation. Draws below 0 count as 0.",
              .default_value = "0s",
              .minimum = 0,
              .maximum = bound_of(delay_max)},
             {.name = "distribution",
              .type = ParameterType::choice,
              .help = "How delays are distributed around their mean, or over \"quantiles\".",
              .default_value = "uniform",
              .choices = shape_names()},
             {.name = "shape",
              .type = ParameterType::number,
              .help = "pareto: the exponent of the tail; the nearer to 1, the heavier.",
              .default_value = "2",
              .minimum = 1.01,
              .maximum = 100},
             {.name = "quantiles",
              .type = ParameterType::fields,
              .help = "quantiles: measured ones, such as {\"50%\": \"1ms\", \"99%\": \"20ms\"}; "
                      "straight lines in between, from 0s at 0%, constant above the last.",
              .default_value = "{}"},
             {.name = "per",
              .type = ParameterType::choice,
              .help = "What draws a delay: each chunk as it is read, or each connection once.",
              .default_value = "chunk",
              .choices = {"chunk", "connection"}},
             direction_parameter(),
             probability_parameter()},
        .needs = "a link in the scenario; no rights",
        .undo = "the effect is taken from the link; what is held goes on at once, in order",
        .proof = "chunks were held back",
        .clears = true,
        .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
                FL_TRY(LatencySpec spec, spec_of(given));
                return make_latency(std::move(spec));
            },
            .proven = [](const Tally& tally) { return tally.chunks.get() > 0; },
            .account = [](const Tally& tally) { return delay_account(tally); }};
}

}  // namespace faultline::link
