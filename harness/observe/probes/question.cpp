// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/question.hpp"

#include <utility>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace faultline {

void Question::open(std::function<void(ProbeAnswer)> answer, std::function<void()> give_up) {
    FL_CHECK(!is_open());
    ++number_;
    asked_ = now();
    answer_ = std::move(answer);
    timer_ = loop_.call_at(asked_ + timeout_, [this, give_up = std::move(give_up)] {
        give_up();
        answer_error("no answer within " + spell_duration(timeout_));
    });
}

void Question::answer(ProbeAnswer answer) {
    FL_CHECK(is_open());
    answer.asked = asked_;
    answer.answered = now();
    const auto callback = std::exchange(answer_, nullptr);
    timer_.cancel();
    callback(std::move(answer));
}

void Question::abandon() {
    answer_ = nullptr;
    timer_.cancel();
}

}  // namespace faultline
