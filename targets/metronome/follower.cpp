// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/follower.hpp"

#include <charconv>
#include <string>
#include <sys/epoll.h>
#include <utility>

#include "harness/base/resp.hpp"
#include "harness/base/resp_request.hpp"

namespace metronome {
namespace {

using faultline::command_text;
using faultline::Instant;
using faultline::RespRequest;

constexpr std::chrono::milliseconds answer_within{100};  // from connecting to SYNC or a refusal

std::uint64_t number_in(const Words& words) {
    std::uint64_t number = 0;
    if (words.size() > 1) {
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), number);
    }
    return number;
}

}  // namespace

Follower::Follower(PairPlan plan, Poller& poller, State& state, Store& store, Callbacks callbacks)
    : plan_(std::move(plan)),
      poller_(poller),
      state_(state),
      store_(store),
      callbacks_(std::move(callbacks)) {}

void Follower::join() {
    auto fd = connect_to(plan_.peer_port);
    if (!fd) {
        callbacks_.no_leader(NoLeader::unreachable);
        return;
    }
    link_ = std::make_unique<Connection>(std::move(*fd));
    const auto watch = poller_.watch(
        link_->fd(), EPOLLOUT, [this](Poller::Id, std::uint32_t events) { on_events(events); });
    if (!watch) {
        link_.reset();
        callbacks_.no_leader(NoLeader::unreachable);
        return;
    }
    watch_ = *watch;
    phase_ = Phase::connecting;
    deadline_ =
        poller_.call_at(faultline::now() + answer_within, [this](Instant) { on_deadline(); });
}

void Follower::on_events(std::uint32_t epoll_events) {
    if (phase_ == Phase::connecting) {
        connected();
    } else if ((epoll_events & EPOLLOUT) != 0 && !link_->flush()) {
        ended(NoLeader::unreachable, "crash");
    } else {
        read();
    }
}

void Follower::connected() {
    // A connection from a port to itself is possible on a machine whose ephemeral range holds it.
    if (connect_error(link_->fd()) != 0 || port_of(link_->fd()) == plan_.peer_port) {
        ended(NoLeader::unreachable, "crash");
        return;
    }
    phase_ = Phase::asking;
    link_->send(command_text({"METRONOME.FOLLOW"}));
    if (!link_->flush()) {
        ended(NoLeader::unreachable, "crash");
        return;
    }
    poller_.change(watch_, EPOLLIN);
}

void Follower::read() {
    const bool open = link_->receive();
    const std::uint64_t writes_before = state_.writes;
    const std::string_view input = link_->input();
    std::size_t consumed = 0;
    RespRequest request;
    while (request = faultline::parse_resp_request(input.substr(consumed), request_limits),
           request.state == RespRequest::State::complete) {
        consumed += request.bytes;
        heard_ = faultline::now();
        if (!take(request.words)) return;
    }
    if (request.state == RespRequest::State::broken) {
        ended(NoLeader::unreachable, "crash");
        return;
    }
    link_->consume(consumed);
    if (open && phase_ == Phase::following && state_.writes != writes_before) {
        link_->send(command_text({"METRONOME.ACK", std::to_string(state_.writes)}));
    }
    if (!open || !link_->flush()) ended(NoLeader::unreachable, "crash");
}

bool Follower::take(const Words& words) {
    const std::string_view name = words.empty() ? std::string_view() : words[0];
    if (name == "REFUSED") {
        const bool wait = words.size() > 1 && words[1] == "WAIT";
        ended(wait ? NoLeader::wait : NoLeader::free, "crash");
        return false;
    }
    if (name == "SYNC") {
        poller_.cancel(deadline_);
        phase_ = Phase::syncing;
        callbacks_.sync_begins();
        store_.clear();
    } else if (name == "SYNCED") {
        phase_ = Phase::following;
        state_.writes = number_in(words);
        callbacks_.synced();
        if (plan_.watch) {
            deadline_ = poller_.call_at(heard_ + *plan_.watch, [this](Instant) { check_watch(); });
        }
    } else if (name == "BEAT") {
        leader_acknowledged_ = number_in(words);
    } else if (name == "DROP") {
        disconnect();
        callbacks_.dropped();
        return false;
    } else if (access_of(name) == Access::write) {
        static_cast<void>(store_.execute(words));  // the leader has given the answer
        if (phase_ == Phase::following) ++state_.writes;
    }
    return true;
}

void Follower::on_deadline() {
    ended(NoLeader::unreachable, "hang");
}

void Follower::check_watch() {
    // What arrived but was not read yet counts: this process may have been the slow one.
    read();
    if (phase_ != Phase::following) return;
    const Instant silent_at = heard_ + *plan_.watch;
    if (silent_at <= faultline::now()) {
        ended(NoLeader::unreachable, "hang");
        return;
    }
    deadline_ = poller_.call_at(silent_at, [this](Instant) { check_watch(); });
}

void Follower::ended(NoLeader reason, std::string_view cause) {
    const Instant at = faultline::now();
    const bool followed = phase_ == Phase::following;
    disconnect();
    if (followed) {
        callbacks_.lost(at, cause);
    } else {
        callbacks_.no_leader(reason);
    }
}

void Follower::disconnect() {
    poller_.cancel(deadline_);
    poller_.forget(watch_);
    link_.reset();
    phase_ = Phase::idle;
}

}  // namespace metronome
