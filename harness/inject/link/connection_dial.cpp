// SPDX-License-Identifier: Apache-2.0
// How a connection comes to have its second socket.
#include <sys/epoll.h>
#include <utility>

#include "harness/inject/link/connection.hpp"
#include "harness/inject/link/dial.hpp"
#include "harness/inject/link/link_state.hpp"

namespace faultline::link {
namespace {

/// Between attempts at a Unix socket whose queue is full.
constexpr Duration redial_every = std::chrono::milliseconds(5);

}  // namespace

void Connection::connect() {
    state_ = State::connecting;
    deadline_ = now() + room_.options.connect_timeout;
    dial_next();
}

void Connection::dial_next() {
    redial_ = Instant::max();
    for (; address_ < link_.upstream().size(); ++address_) {
        Dialled dialled = dial(link_.upstream()[address_]);
        switch (dialled.outcome) {
            case Dialled::Outcome::pending:
                server_.socket.fd = std::move(dialled.fd);
                if (room_.reactor.watch(server_.socket.fd.get(), server_, socket_events)) {
                    return rearm();
                }
                link_.counters().turned_away.add();
                return part(Parting::rst);
            case Dialled::Outcome::busy:
                redial_ = now() + redial_every;
                return rearm();
            case Dialled::Outcome::no_descriptor:
                link_.counters().turned_away.add();
                return part(Parting::rst);
            case Dialled::Outcome::refused:
                break;
        }
    }
    connect_failed();
}

void Connection::on_dialled() {
    Socket& socket = server_.socket;
    const DialEnd end = dial_end(socket.fd.get(), link_.upstream()[address_]);
    if (end == DialEnd::failed) {
        drop_socket(socket, Parting::fin);
        ++address_;
        return dial_next();
    }
    socket.connected = socket.writable = true;
    if (end == DialEnd::broken) {
        // What came before the reset may have come after the event that brought us here.
        socket.failed = socket.readable = socket.read_to_end = true;
    }
    state_ = State::open;
    deadline_ = Instant::max();
}

void Connection::connect_failed() {
    link_.counters().connect_failures.add();
    part(Parting::rst);
}

}  // namespace faultline::link
