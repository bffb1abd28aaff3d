// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/entrance.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>

#include "harness/inject/link/stream_socket.hpp"

namespace faultline::link {
namespace {

/// Accepted in one go before others have their turn.
constexpr int accept_batch = 64;
/// Until the kernel may have memory again, or lets us listen again.
constexpr Duration retry_after = std::chrono::milliseconds(20);

int accept_from(int listener) {
    return ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

UniqueFd open_reserve() {
    return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void turn_away(UniqueFd client) {
    reset_on_close(client.get());
    client.reset();
}

}  // namespace

Entrance::Entrance(EngineRoom& room, LinkState& link) : room_(room), links_{&link} {}

Entrance::Entrance(EngineRoom& room,
                   std::vector<LinkState*> links,
                   Choose choose,
                   std::unique_ptr<LinkState> others)
    : room_(room),
      links_(std::move(links)),
      choose_(std::move(choose)),
      others_(std::move(others)) {}

void Entrance::listen(std::unique_ptr<Listener> listener) {
    static_cast<void>(stop_listening());
    listener_ = std::move(listener);
    update();
}

std::unique_ptr<Listener> Entrance::stop_listening() {
    unwatch();
    room_.reactor.call_at(*this, Instant::max());
    return std::move(listener_);
}

void Entrance::update() {
    if (!listener_) return;
    // Links that share an address cannot refuse alone: theirs are accepted and reset.
    const bool refuse = !choose_ && links_[0]->refuses_all();
    if (refuse) {
        unwatch();
        listener_->suspend();
        room_.reactor.call_at(*this, Instant::max());
    } else if (!watching_) {
        if (listener_->resume()) watch();
        if (!watching_) room_.reactor.call_at(*this, now() + retry_after);
    }
}

bool Entrance::remove(LinkState& link) {
    std::replace(links_.begin(), links_.end(), &link, static_cast<LinkState*>(nullptr));
    return std::all_of(
        links_.begin(), links_.end(), [](const LinkState* one) { return one == nullptr; });
}

void Entrance::close() {
    static_cast<void>(stop_listening());
    if (others_) others_->end_connections(OpenConnections::reset);
}

void Entrance::on_time(Instant) {
    update();
}

void Entrance::on_ready(std::uint32_t) {
    // An event of the same batch may come after the listener went.
    for (int count = 0; count < accept_batch && watching_; ++count) {
        switch (take_one()) {
            case Taken::one:
                break;
            case Taken::none:
                return;
            case Taken::no_room:
                // The queue stays readable: listening on would spin.
                unwatch();
                room_.reactor.call_at(*this, now() + retry_after);
                return;
        }
    }
}

Entrance::Taken Entrance::take_one() {
    UniqueFd client(accept_from(listener_->descriptor()));
    if (client) {
        let_in(std::move(client));
        return Taken::one;
    }
    switch (errno) {
        case EAGAIN:
            return Taken::none;
        case EMFILE:
        case ENFILE:
            return turn_one_away();
        case ENOBUFS:
        case ENOMEM:
            return Taken::no_room;
        default:
            // The connection broke before it was accepted. Source: accept(2), error handling.
            return Taken::one;
    }
}

Entrance::Taken Entrance::turn_one_away() {
    if (!room_.reserve) room_.reserve = open_reserve();
    if (!room_.reserve) return Taken::no_room;
    room_.reserve.reset();
    UniqueFd client(accept_from(listener_->descriptor()));
    const int error = errno;
    const bool taken = static_cast<bool>(client);
    if (taken) {
        LinkState* const link = link_for(client.get());
        if (link != nullptr) link->counters().turned_away.add();
        turn_away(std::move(client));
    }
    room_.reserve = open_reserve();
    if (taken) return Taken::one;
    return error == EAGAIN ? Taken::none : Taken::no_room;
}

void Entrance::let_in(UniqueFd client) {
    LinkState* const link = link_for(client.get());
    if (link == nullptr || !link->enabled) return turn_away(std::move(client));
    if (room_.connections >= room_.options.connections_max) {
        link->counters().turned_away.add();
        return turn_away(std::move(client));
    }
    link->admit(std::move(client));
}

LinkState* Entrance::link_for(int descriptor) {
    if (!choose_) return links_[0];
    const int chosen = choose_(descriptor);
    const bool known = chosen >= 0 && static_cast<std::size_t>(chosen) < links_.size() &&
                       links_[static_cast<std::size_t>(chosen)] != nullptr;
    return known ? links_[static_cast<std::size_t>(chosen)] : others_.get();
}

void Entrance::watch() {
    watching_ = room_.reactor.watch(listener_->descriptor(), *this, EPOLLIN);
}

void Entrance::unwatch() {
    if (std::exchange(watching_, false)) room_.reactor.unwatch(listener_->descriptor());
}

}  // namespace faultline::link
