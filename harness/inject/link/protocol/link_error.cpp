// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/link_error.hpp"

#include <utility>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/inject/link/protocol/answer_stage.hpp"
#include "harness/inject/link/protocol/request_stage.hpp"

namespace faultline::link {
namespace {

class RequestErrors final : public Effect {
  public:
    explicit RequestErrors(ErrorPlan plan) : plan_(std::make_shared<ErrorPlan>(std::move(plan))) {}

    [[nodiscard]] Stages attach(Random random, Tally& tally) override {
        return stages(random, tally, false);
    }
    [[nodiscard]] Stages attach_midway(Random random, Tally& tally) override {
        return stages(random, tally, true);
    }

  private:
    [[nodiscard]] Stages stages(Random random, Tally& tally, bool midway) const {
        auto talk = std::make_shared<Conversation>(plan_, random.fork("requests"), tally);
        talk->joining = midway;
        return {std::make_unique<RequestStage>(talk), std::make_unique<AnswerStage>(talk)};
    }
    std::shared_ptr<ErrorPlan> plan_;  // its conversations may outlive the effect
};

Result<> check(const ErrorSpec& spec) {
    if (spec.how_often.every == 0) {
        return fail("every is 0, it must be at least 1", ErrorCode::invalid);
    }
    const double probability = spec.how_often.probability;
    if (!(probability >= 0 && probability <= 1)) {
        return fail(
            "probability is " + format_share(probability) + ", it must be between 0 % and 100 %",
            ErrorCode::invalid);
    }
    if (spec.action != ErrorAction::delay) {
        if (spec.delay == Duration::zero()) return {};
        return fail("\"delay\" is given, but the action is not to delay", ErrorCode::invalid);
    }
    if (spec.delay <= Duration::zero() || spec.delay > error_delay_max) {
        return fail(fmt::format("the delay is {}, it must be above 0 and at most {}",
                                format_duration(spec.delay),
                                format_duration(error_delay_max)),
                    ErrorCode::invalid);
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<Effect>> make_error(ErrorSpec spec) {
    FL_TRY_VOID(check(spec));
    FL_TRY(RequestMatch match, RequestMatch::make(std::move(spec.match), spec.protocol));
    FL_TRY(Answers answers, Answers::make(spec.http, spec.reply));
    return std::make_shared<RequestErrors>(ErrorPlan{.protocol = spec.protocol,
                                                     .match = std::move(match),
                                                     .occasions = Occasions(spec.how_often),
                                                     .action = spec.action,
                                                     .delay = spec.delay,
                                                     .answers = std::move(answers),
                                                     .closes = spec.http.closes});
}

}  // namespace faultline::link
