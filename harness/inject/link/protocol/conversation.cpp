// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/conversation.hpp"

namespace faultline::link {

void Conversation::speak(RequestProtocol spoken) {
    protocol = spoken;
    readers = make_readers(spoken);
}

void Conversation::lose_track() {
    if (!lost_) tally.unparsed.add();
    lost_ = true;
    looking = false;
}

void Conversation::finish_swallowing(Instant at, bool cut) {
    swallowing = false;
    const bool closes = cut || (swallowed.answered && swallowed.closes);
    if (swallowed.answered) {
        owed.add({.by = OwedAnswers::By::us,
                  .head_only = swallowed.head_only,
                  .closes = closes,
                  .at = at});
    } else if (cut) {
        owed.add({.by = OwedAnswers::By::end, .at = at});
    }
    ending = ending || closes;
}

}  // namespace faultline::link
