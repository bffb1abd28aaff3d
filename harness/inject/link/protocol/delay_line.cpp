// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/delay_line.hpp"

#include <algorithm>
#include <utility>

namespace faultline::link {

void DelayLine::push(Chunk chunk, Outlet& below) {
    if (held_.empty() && until_ <= chunk.at) return below.push(std::move(chunk));
    chunk.at = std::max(chunk.at, until_);
    bytes_ += chunk.bytes.size();
    held_.push_back(std::move(chunk));
}

void DelayLine::finish(Instant at, Outlet& below) {
    if (held_.empty() && until_ <= at) return below.finish(at);
    finish_held_ = true;
    finish_due_ = std::max(at, until_);
}

Instant DelayLine::wake() const {
    if (!held_.empty()) return held_.front().at;
    return finish_held_ ? finish_due_ : Instant::max();
}

void DelayLine::pass_front(Instant at, Outlet& below) {
    Chunk front = std::move(held_.front());
    held_.pop_front();
    bytes_ -= front.bytes.size();
    front.at = at;
    below.push(std::move(front));
}

void DelayLine::pass_due(Instant now, Outlet& below) {
    while (!held_.empty() && held_.front().at <= now)
        pass_front(held_.front().at, below);
    if (held_.empty() && finish_held_ && finish_due_ <= now) {
        finish_held_ = false;
        below.finish(finish_due_);
    }
}

void DelayLine::release(Instant now, Outlet& below) {
    while (!held_.empty())
        pass_front(now, below);
    if (std::exchange(finish_held_, false)) below.finish(now);
}

}  // namespace faultline::link
