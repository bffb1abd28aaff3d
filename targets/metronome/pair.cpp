// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/pair.hpp"

#include <string>
#include <utility>

#include "harness/base/resp.hpp"
#include "harness/include/faultline/event.hpp"

namespace metronome {
namespace {

using faultline::command_text;
using faultline::Instant;
using faultline::nanoseconds_of;

constexpr std::chrono::milliseconds join_again_after{1};
constexpr std::chrono::seconds join_within{60};

void send_role(std::string_view role, Instant at) {
    faultline::send_event("role", {{"role", role}}, nanoseconds_of(at));
}

}  // namespace

Pair::Pair(PairPlan plan,
           Poller& poller,
           State& state,
           Store& store,
           Chronicle& chronicle,
           Clients& clients,
           std::function<void()> gave_up)
    : plan_(plan),
      poller_(poller),
      state_(state),
      chronicle_(chronicle),
      clients_(clients),
      gave_up_(std::move(gave_up)),
      leader_(plan, poller, state, store, clients),
      follower_(plan,
                poller,
                state,
                store,
                {.no_leader = [this](Follower::NoLeader reason) { on_no_leader(reason); },
                 .sync_begins = [this] { on_sync_begins(); },
                 .synced = [this] { on_synced(); },
                 .lost = [this](Instant at, std::string_view cause) { on_lost(at, cause); },
                 .dropped = [this] { on_dropped(); }}),
      may_lead_(plan.role == PairRole::primary) {
    state_.leads = false;
}

void Pair::start(Instant now) {
    join_since_ = now;
    join();
}

void Pair::join() {
    follower_.join();
}

void Pair::on_no_leader(Follower::NoLeader reason) {
    if (may_lead_ && reason != Follower::NoLeader::wait) {
        lead();
        return;
    }
    const Instant now = faultline::now();
    if (now - join_since_ > join_within) {
        chronicle_.record("gave_up", now);
        gave_up_();
        return;
    }
    poller_.call_at(now + join_again_after, [this](Instant) { join(); });
}

void Pair::lead() {
    const bool asked = place_ == Place::asking;
    place_ = Place::leading;
    state_.leads = true;
    state_.ready = true;
    state_.safe_writes = State::everything;
    clients_.release_replies();
    const Instant at = faultline::now();
    if (asked) {
        chronicle_.record("alone", at);
        return;
    }
    was_ready_ = true;
    faultline::send_event("ready", {{"role", "primary"}}, nanoseconds_of(at));
    chronicle_.record("ready", at, {}, {{"role", "primary"}});
}

void Pair::on_sync_begins() {
    // From here on the peer's word counts, and only a complete copy of it may ever lead again.
    may_lead_ = false;
    state_.ready = false;
    if (place_ == Place::asking) {
        state_.leads = false;
        clients_.close_waiting();
        state_.safe_writes = State::everything;
        const Instant at = faultline::now();
        send_role("secondary", at);
        chronicle_.record("demoted", at);
    }
    place_ = Place::joining;
    join_since_ = faultline::now();
}

void Pair::on_synced() {
    place_ = Place::following;
    state_.follows = true;
    state_.ready = true;
    const Instant at = faultline::now();
    if (!was_ready_) faultline::send_event("ready", {{"role", "secondary"}}, nanoseconds_of(at));
    chronicle_.record(was_ready_ ? "joined" : "ready", at, {}, {{"role", "secondary"}});
    was_ready_ = true;
}

void Pair::on_lost(Instant at, std::string_view cause) {
    place_ = Place::lost;
    state_.follows = false;
    if (plan_.detect_after) {
        poller_.call_at(at + *plan_.detect_after,
                        [this, cause](Instant planned) { announce(planned, "primary", cause); });
    }
    poller_.call_at(at + plan_.takeover_after, [this](Instant planned) { take_over(planned); });
    chronicle_.record("peer_lost", at, {}, {{"cause", std::string(cause)}});
}

void Pair::on_dropped() {
    state_.follows = false;
    state_.ready = false;
    place_ = Place::joining;
    const Instant now = faultline::now();
    chronicle_.record("dropped", now);
    start(now);
}

void Pair::announce(Instant planned, std::string_view about, std::string_view cause) {
    const Instant at = faultline::now();
    faultline::send_event("detected", {{"about", about}, {"cause", cause}}, nanoseconds_of(at));
    chronicle_.record(
        "detected", at, planned, {{"about", std::string(about)}, {"cause", std::string(cause)}});
}

void Pair::take_over(Instant planned) {
    place_ = Place::leading;
    state_.leads = true;
    const Instant at = faultline::now();
    send_role("primary", at);
    faultline::send_event("recovered", {{"about", "primary"}}, nanoseconds_of(at));
    chronicle_.record("recovered",
                      at,
                      planned,
                      {{"writes", std::to_string(state_.writes)},
                       {"peer_acknowledged", std::to_string(follower_.leader_acknowledged())}});
}

void Pair::on_follow(Poller::Id client) {
    switch (place_) {
        case Place::leading:
            leader_.attach(client);
            chronicle_.record("follower_joined", faultline::now());
            return;
        case Place::joining:
            clients_.send(client, command_text({"REFUSED", "FREE"}));
            return;
        case Place::following:
        case Place::lost:
        case Place::asking:
            clients_.send(client, command_text({"REFUSED", "WAIT"}));
            return;
    }
}

void Pair::on_closed(Poller::Id client) {
    if (!leader_.is_follower(client)) return;
    leader_.detach();
    const Instant now = faultline::now();
    chronicle_.record("follower_lost", now);
    may_lead_ = true;
    place_ = Place::asking;
    join_since_ = now;
    // Not from here: this may run in the middle of a client's request.
    poller_.call_at(now, [this](Instant) { join(); });
    if (!plan_.detect_after) return;
    poller_.call_at(now + *plan_.detect_after, [this](Instant planned) {
        const bool was_right = place_ == Place::leading || place_ == Place::asking;
        if (was_right) announce(planned, "secondary", "crash");
    });
}

}  // namespace metronome
