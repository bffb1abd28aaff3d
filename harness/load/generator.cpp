// SPDX-License-Identifier: Apache-2.0
#include "harness/load/generator.hpp"

#include <algorithm>
#include <system_error>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

/// The schedule begins when every connection is up, or after this long.
constexpr Duration first_connect_max = std::chrono::seconds(1);
/// After a pause (the machine slept) the backlog is issued in pieces, with events handled between.
constexpr int issued_at_once_max = 4096;
/// Arrivals closer than this share a wake-up: it costs more than they do.
constexpr Duration sleep_min = std::chrono::microseconds(20);
/// While operations wait in line, later arrivals cannot be sent anyway and need no wake-up of their
/// own.
constexpr Duration sleep_behind_line = std::chrono::microseconds(250);

}  // namespace

Generator::Generator(const LoadSpec& spec,
                     std::unique_ptr<Protocol> protocol,
                     Poller poller,
                     const Random& random)
    : spec_(spec),
      protocol_(std::move(protocol)),
      store_(spec.timeout),
      poller_(std::move(poller)),
      pool_(spec_, *protocol_, store_, poller_),
      schedule_(spec.arrivals, spec.rate, random.fork("arrivals")),
      draws_(random.fork("operations")) {}

Generator::~Generator() {
    stop();
}

Result<> Generator::start() {
    FL_CHECK(!thread_.joinable());
    try {
        protocol_->route().start([this] { poller_.wake(); });
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
        protocol_->route().stop();
        return fail(std::string("load: a thread cannot be started: ") + error.what());
    }
    return {};
}

void Generator::stop() {
    if (!thread_.joinable()) return;
    stop_requested_ = true;
    poller_.wake();
    thread_.join();
    protocol_->route().stop();
}

OperationLog Generator::take_log() {
    FL_CHECK(!thread_.joinable());
    return store_.take();
}

WriteCheck Generator::check_writes(Instant deadline) {
    FL_CHECK(!thread_.joinable());
    return protocol_->check_writes(store_.log(), deadline);
}

// ---- the generator's thread

void Generator::run() {
    make_waits_precise();
    connect_first();
    schedule_.begin(now());
    bool stopping = false;
    for (;;) {
        const Instant next = step(now(), stopping);
        if (stopping && store_.settled() == store_.size()) return;
        // Asked once per round: what became due before the request is still issued.
        const bool stop_now = !stopping && stop_requested_;
        const Instant at = now();
        handle_events(stop_now ? at : next, at);
        if (stop_now) {
            step(now(), false);
            fail_line(Failure::unsent, now());
            stopping = true;
        }
    }
}

void Generator::connect_first() {
    const Instant begin = now();
    pool_.open(begin);
    while (!pool_.all_ready() && !stop_requested_ && now() < begin + first_connect_max) {
        const Instant next = pool_.maintain(now());
        handle_events(std::min(next, begin + first_connect_max), now());
    }
    static_cast<void>(pool_.take_attempt_failed());
}

/// One round of everything that is due. Returns when the next thing is.
Instant Generator::step(Instant now, bool stopping) {
    if (!stopping) issue(now);
    dispatch();
    expire(now);
    const Instant retry = pool_.maintain(now);
    const bool refused = pool_.take_attempt_failed() && !pool_.any_ready();
    if (refused && !protocol_->traits().redirects) fail_line(Failure::refused, now);
    dispatch();  // a connection may have come up or been given up just now
    note_waiting(now);
    const std::size_t settled = store_.publish();
    Instant next = retry;
    if (!stopping && !store_.full()) {
        const Instant soonest = now + (line_empty() ? sleep_min : sleep_behind_line);
        next = std::min(next, std::max(schedule_.next(), soonest));
    }
    if (settled < store_.size()) next = std::min(next, store_.deadline(settled));
    return next;
}

void Generator::handle_events(Instant until, Instant now) {
    for (const epoll_event& event : poller_.wait(until, now))
        pool_.handle(event);
}

void Generator::issue(Instant now) {
    for (int i = 0; i < issued_at_once_max && schedule_.next() <= now && !store_.full(); ++i) {
        const auto sequence = static_cast<std::uint32_t>(store_.size());
        protocol_->draw(store_.append(schedule_.next()), sequence, draws_);
        schedule_.advance();
    }
}

void Generator::dispatch() {
    pool_.give_again();
    while (!line_empty()) {
        const bool allowed = pool_.in_flight() < static_cast<std::size_t>(spec_.in_flight_max);
        if (!allowed || !pool_.give(static_cast<std::uint32_t>(line_begin_))) break;
        ++line_begin_;
    }
    pool_.flush();
}

/// What stays in line waits for the target, not for the generator: its lag ends here.
void Generator::note_waiting(Instant now) {
    for (std::size_t i = std::max(waited_end_, line_begin_); i < store_.size(); ++i) {
        store_[i].lag_us = lag_between(instant_of(store_[i].intended_ns), now);
    }
    waited_end_ = line_empty() ? waited_end_ : store_.size();
    pool_.stamp_only_from(waited_end_);
}

void Generator::expire(Instant now) {
    bool sent_one_expired = false;
    for (std::size_t index = store_.publish(); index < store_.size(); index = store_.publish()) {
        if (store_.deadline(index) > now) break;
        const bool sent = index < line_begin_;
        if (sent && pool_.take_waiting(static_cast<std::uint32_t>(index))) {
            store_.settle_unsent(index, Failure::timeout, store_.deadline(index));
        } else if (sent) {
            store_.settle(index, {Outcome::unknown, Failure::timeout}, store_.deadline(index));
            sent_one_expired = true;
        } else {
            store_.settle_unsent(index, Failure::timeout, store_.deadline(index));
            line_begin_ = index + 1;
        }
    }
    if (sent_one_expired) pool_.drop_expired(now);
}

void Generator::fail_line(Failure failure, Instant now) {
    for (; !line_empty(); ++line_begin_)
        store_.settle_unsent(line_begin_, failure, now);
}

}  // namespace faultline
