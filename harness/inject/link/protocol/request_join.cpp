// SPDX-License-Identifier: Apache-2.0
// How the way up finds its place on a connection that was open before.
#include <algorithm>
#include <utility>

#include "harness/inject/link/protocol/detect.hpp"
#include "harness/inject/link/protocol/request_stage.hpp"

namespace faultline::link {
namespace {

/// Redis clients send requests before earlier ones are answered, so that answers may be on their
/// way that we know nothing of: when so long nothing has passed, none are. Long against what a
/// server takes for a request, short against what anyone measures.
constexpr Duration quiet = std::chrono::milliseconds(2);
/// A connection that is never quiet is not made to wait any longer than this.
constexpr Duration quiet_within = std::chrono::milliseconds(50);

}  // namespace

// HTTP clients wait for the answer before they send the next request, so that the first request
// after an answer is a place to begin.
void RequestStage::join(Chunk chunk, Outlet& below) {
    using Last = Conversation::Last;
    if (!kept_.empty()) {
        kept_ += chunk.bytes;
        return;
    }
    switch (detect_midway(chunk.bytes, talk_->plan->protocol)) {
        case Detected::http:
            if (talk_->last == Last::up) break;  // in the middle of a request
            talk_->joining = false;
            talk_->speak(RequestProtocol::http);
            return look(std::move(chunk), below);
        case Detected::redis:
            kept_at_ = chunk.at;
            kept_ = std::move(chunk.bytes);
            return join_or_give_up(chunk.at, below);
        case Detected::undecided:
        case Detected::neither:
            if (!talk_->greeted) break;
            talk_->joining = false;
            lose_track();
            return look(std::move(chunk), below);
    }
    talk_->last = Last::up;
    talk_->last_at = chunk.at;
    line_.push(std::move(chunk), below);
}

Instant RequestStage::quiet_at() const {
    const bool passed = talk_->last != Conversation::Last::none;
    return (passed ? talk_->last_at : kept_at_) + quiet;
}

Instant RequestStage::give_up_at() const {
    return kept_at_ + quiet_within;
}

void RequestStage::join_or_give_up(Instant now, Outlet& below) {
    if (quiet_at() <= now) {
        const Instant at = std::max(kept_at_, quiet_at());
        talk_->joining = false;
        talk_->speak(RequestProtocol::redis);
        return look({std::exchange(kept_, {}), at}, below);
    }
    if (give_up_at() > now) return;
    talk_->last = Conversation::Last::up;
    talk_->last_at = give_up_at();
    pass_kept(give_up_at(), below);
}

}  // namespace faultline::link
