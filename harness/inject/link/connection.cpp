// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/connection.hpp"

#include <algorithm>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>

#include "harness/inject/link/link_state.hpp"
#include "harness/inject/link/stream_socket.hpp"

namespace faultline::link {
namespace {

constexpr std::uint32_t hang_up_events = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
/// What a connection may move before others have their turn, commands and timers among them.
constexpr std::size_t turn_bytes_max = 1 << 20;
/// Who moves more at a time is not waiting for an answer.
constexpr std::size_t conversation_bytes_max = 32 << 10;
/// A stage that is still due after being advanced, or two that rouse each other for ever, would
/// otherwise stop the whole engine. What is left is due at once, after the others.
constexpr int settle_rounds_max = 64;
constexpr std::size_t settle_cost_bytes = 1024;
/// How long after FIN went both ways a peer may still send before it gets RST.
constexpr Duration closing_linger = std::chrono::seconds(2);

}  // namespace

void Connection::Side::on_ready(std::uint32_t events) {
    connection.on_event(*this, events);
}

Connection::Connection(EngineRoom& room, LinkState& link, std::uint64_t number, UniqueFd client)
    : room_(room),
      link_(link),
      number_(number),
      up_(client_.socket, server_.socket, link.counters().up, room.means),
      down_(server_.socket, client_.socket, link.counters().down, room.means) {
    client_.socket.fd = std::move(client);
    client_.socket.connected = client_.socket.writable = true;
    ++room_.connections;
}

bool Connection::watch_client() {
    return room_.reactor.watch(client_.socket.fd.get(), client_, socket_events);
}

void Connection::on_event(Side& side, std::uint32_t events) {
    if (state_ == State::gone) return;
    Socket& socket = side.socket;
    const bool server = &side == &server_;
    if (server && state_ == State::connecting) {
        if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) == 0) return;
        on_dialled();
        if (state_ != State::open) return;
    }
    // A client that gave up on a silent connection is not to be connected on later.
    if (state_ == State::silent && (events & hang_up_events) != 0) return part(Parting::rst);
    if ((events & ~EPOLLOUT) != 0) socket.readable = true;
    if ((events & (hang_up_events | EPOLLPRI)) != 0) socket.read_to_end = true;
    if ((events & EPOLLOUT) != 0) socket.writable = true;
    if ((events & EPOLLERR) != 0) socket.failed = true;
    work();
}

void Connection::on_time(Instant now) {
    if (state_ == State::connecting) {
        if (deadline_ <= now) return connect_failed();
        if (redial_ <= now) dial_next();
    } else if (deadline_ <= now) {
        return part(Parting::fin);
    }
    work();
}

void Connection::work() {
    if (state_ == State::gone) return;
    std::size_t budget = turn_bytes_max;
    for (;;) {
        bool moved = settle_stages(budget);
        if (heed_stages()) return;
        if (budget == 0) {
            room_.reactor.call_again(*this);
            break;
        }
        moved |= up_.step(budget);
        moved |= down_.step(budget);
        if (moved) continue;
        if (client_.socket.failed || server_.socket.failed) return part(Parting::rst);
        break;
    }
    if (turn_bytes_max - budget > conversation_bytes_max) room_.reactor.note_bulk();
    if (pass_on_ends()) return;
    rearm();
}

bool Connection::settle_stages(std::size_t& budget) {
    if (up_.chain().empty() && down_.chain().empty()) return false;
    for (int round = 0; round < settle_rounds_max; ++round) {
        const Instant instant = now();
        const bool up = up_.chain().advance_due(instant);
        const bool down = down_.chain().advance_due(instant);
        if (up || down) {
            budget -= std::min(budget, settle_cost_bytes);
            continue;
        }
        up_.chain().sweep(instant);
        down_.chain().sweep(instant);
        return round > 0;
    }
    return true;
}

/// Returns whether the connection is gone.
bool Connection::heed_stages() {
    const auto asked = [this](Flow::Request request) {
        return up_.request() == request || down_.request() == request;
    };
    if (asked(Flow::Request::reset)) {
        part(Parting::rst);
        return true;
    }
    if (asked(Flow::Request::close) && state_ != State::closing) begin_closing();
    return false;
}

void Connection::begin_closing() {
    // The way that was closed delivers what it was given; of the other only what left its stages.
    for (Flow* flow : {&up_, &down_}) {
        if (flow->request() == Flow::Request::close) {
            flow->discard_source();
        } else {
            flow->cut();
        }
    }
    if (!server_.socket.connected) {
        drop_socket(server_.socket, Parting::fin);
        down_.lose_source();
    }
    state_ = State::closing;
    deadline_ = redial_ = Instant::max();
}

/// Tells each socket the end once all is written. Returns whether the connection is gone.
bool Connection::pass_on_ends() {
    if (client_.socket.failed || server_.socket.failed) return false;
    const bool no_server = state_ == State::closing && !server_.socket.connected;
    const bool up_complete = up_.complete() || no_server;
    const bool down_complete = down_.complete();
    if (up_complete && down_complete && up_.ended() && down_.ended()) {
        part(Parting::fin);
        return true;
    }
    if (up_complete) tell_end(server_.socket);
    if (down_complete) tell_end(client_.socket);
    if (state_ == State::closing && up_complete && down_complete && deadline_ == Instant::max()) {
        deadline_ = now() + closing_linger;
    }
    return false;
}

void Connection::rearm() {
    room_.reactor.call_at(*this,
                          std::min({up_.chain().wake(), down_.chain().wake(), deadline_, redial_}));
}

void Connection::put(std::uint64_t place, Effect::Stages stages) {
    const Instant instant = now();
    for (const auto& [flow, stage] : {std::pair{&up_, &stages.up}, {&down_, &stages.down}}) {
        if (*stage) {
            flow->chain().put(place, std::move(*stage), instant);
        } else {
            flow->chain().take(place, instant);
        }
    }
}

void Connection::retire(std::uint64_t place, const std::shared_ptr<const void>& keep) {
    const Instant instant = now();
    up_.chain().retire(place, instant, keep);
    down_.chain().retire(place, instant, keep);
}

void Connection::end(OpenConnections how) {
    if (how == OpenConnections::keep || state_ == State::gone) return;
    if (how == OpenConnections::reset) return part(Parting::rst);
    for (Flow* flow : {&up_, &down_}) {
        // Where stages held bytes back, what came after them must not go on without them.
        const bool whole = flow->chain().empty() && state_ == State::open;
        if (!whole) flow->cut();
    }
    // What has arrived is in flight too, though its event was not heard yet.
    for (Socket* socket : {&client_.socket, &server_.socket})
        socket->readable = socket->read_to_end = true;
    // One turn's worth: whoever does not take it now is not waited for.
    std::size_t budget = turn_bytes_max;
    while (budget > 0) {
        const bool up = up_.step(budget);
        const bool down = down_.step(budget);
        if (!up && !down) break;
    }
    const bool written =
        up_.empty() && down_.empty() && !client_.socket.failed && !server_.socket.failed;
    part(written ? Parting::fin : Parting::rst);
}

void Connection::part(Parting how) {
    if (std::exchange(state_, State::gone) == State::gone) return;
    drop_socket(client_.socket, how);
    drop_socket(server_.socket, how);
    // The stages refer to their effects, which may go in this turn.
    up_.chain().clear();
    down_.chain().clear();
    room_.reactor.call_at(*this, Instant::max());
    room_.reactor.forget(*this);
    --room_.connections;
    link_.forget(*this);
}

void Connection::tell_end(Socket& socket) {
    if (!socket.connected || std::exchange(socket.told_end, true)) return;
    static_cast<void>(::shutdown(socket.fd.get(), SHUT_WR));
}

void Connection::drop_socket(Socket& socket, Parting how) {
    if (!socket.fd) return;
    room_.reactor.unwatch(socket.fd.get());
    if (how == Parting::rst) {
        reset_on_close(socket.fd.get());
    } else {
        // Closing alone sends no FIN while a process that is just being launched shares the socket.
        tell_end(socket);
    }
    socket.fd.reset();
    socket.connected = false;
}

}  // namespace faultline::link
