// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/bulkhead.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore::guard {

Bulkhead::Bulkhead(BulkheadSettings settings) : settings_(settings) {
    FL_CHECK_OP(>, settings.running_max, 0U);
}

Bulkhead::Admission Bulkhead::enter(Instant now, Deadline deadline) {
    if (deadline.passed(now)) return {};
    if (running_ < settings_.running_max) {
        ++running_;
        return {Entry::started, ++last_ticket_};
    }
    if (waiting_.size() >= settings_.waiting_max || settings_.wait_max <= Duration::zero())
        return {};
    waiting_.push_back({++last_ticket_, deadline.sooner(Deadline::after(now, settings_.wait_max))});
    return {Entry::waiting, last_ticket_};
}

std::optional<Bulkhead::Ticket> Bulkhead::leave(Instant now) {
    FL_CHECK_OP(>, running_, 0U);
    const auto next =
        std::find_if(waiting_.begin(), waiting_.end(), [now](const Waiting& candidate) {
            return !candidate.deadline.passed(now);
        });
    if (next == waiting_.end()) {
        --running_;
        return std::nullopt;
    }
    // Those before it have waited too long; `expire` tells them.
    const Ticket ticket = next->ticket;
    waiting_.erase(next);
    return ticket;
}

std::vector<Bulkhead::Ticket> Bulkhead::expire(Instant now) {
    std::vector<Ticket> expired;
    std::erase_if(waiting_, [&](const Waiting& candidate) {
        if (!candidate.deadline.passed(now)) return false;
        expired.push_back(candidate.ticket);
        return true;
    });
    return expired;
}

bool Bulkhead::cancel(Ticket ticket) {
    return std::erase_if(waiting_, [ticket](const Waiting& candidate) {
               return candidate.ticket == ticket;
           }) > 0;
}

Deadline Bulkhead::deadline() const {
    Deadline soonest = Deadline::never();
    for (const Waiting& candidate : waiting_)
        soonest = soonest.sooner(candidate.deadline);
    return soonest;
}

Deadline Bulkhead::deadline_of(Ticket ticket) const {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [ticket](const Waiting& one) {
        return one.ticket == ticket;
    });
    FL_CHECK(found != waiting_.end());
    return found->deadline;
}

}  // namespace ftcore::guard
