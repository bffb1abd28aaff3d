// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

using faultline::fail;
using faultline::now;

namespace {

/// Only the leader's silence is judged by the tens of milliseconds.
constexpr int follower_beat_factor = 4;

}  // namespace

Hello Node::State::hello() const {
    return {.cluster = settings.cluster,
            .node = settings.self,
            .incarnation = incarnation,
            .level = settings.level};
}

Result<> Node::State::open_peers() {
    const std::weak_ptr<State> weak = weak_from_this();
    // Wraps a handler: runs on the loop already, and asks for the turn that carries its effects
    // out.
    const auto handle = [weak](auto action) {
        return [weak, action](auto&&... values) {
            if (const auto self = weak.lock()) {
                action(*self, std::forward<decltype(values)>(values)...);
                self->ask_for_turn();
            }
        };
    };
    for (const NodeAddress& member : settings.members) {
        if (member.id == settings.self) continue;
        boost::system::error_code error;
        boost::asio::ip::make_address(member.host, error);
        if (error) {
            return fail(fmt::format("node {} is to be reached at \"{}\", which is no IP address",
                                    member.id,
                                    member.host),
                        faultline::ErrorCode::invalid);
        }
        const NodeId peer = member.id;
        const auto say = [&handle, peer](auto signal_of) {
            return handle([peer, signal_of](State& self) {
                self.pipeline->signal(now(), signal_of(peer));
                self.pipeline_wanted = true;
            });
        };
        PeerLink::Callbacks callbacks;
        callbacks.connected = handle([peer](State& self, std::uint64_t theirs) {
            self.consensus->reconnected(now(), peer);
            self.peer_connected(peer, theirs);
        });
        callbacks.lost = handle([peer](State& self) { self.connection_lost(peer); });
        callbacks.refused = handle([peer](State& self) {
            // A process that is gone speaks no more; a way that is closed says nothing about it.
            self.pipeline->signal(now(), signal::ConnectRefused{peer, self.server->hears(peer)});
            self.pipeline_wanted = true;
        });
        callbacks.timed_out = say([](NodeId id) { return signal::ConnectTimedOut{id}; });
        callbacks.accepted = say([](NodeId id) { return signal::Probed{id}; });
        callbacks.broken = handle([peer](State& self, const std::string& reason) {
            self.error_log.record(
                now(), ErrorCode::peer_frame, fmt::format("node {}: {}", peer, reason));
        });
        links.emplace(peer,
                      std::make_unique<PeerLink>(
                          loop,
                          PeerEndpoint{.host = member.host, .port = member.peer_port, .node = peer},
                          hello(),
                          std::move(callbacks)));
    }
    PeerServer::Callbacks callbacks;
    callbacks.admit = [weak](const Hello& theirs) -> Result<> {
        const auto self = weak.lock();
        if (!self) return fail("the node stops");
        if (theirs.cluster != self->settings.cluster) {
            return fail(fmt::format("node {} belongs to the group \"{}\", this one to \"{}\"",
                                    theirs.node,
                                    theirs.cluster,
                                    self->settings.cluster));
        }
        if (!self->links.contains(theirs.node))
            return fail(fmt::format("node {} is no member of this group", theirs.node));
        if (theirs.level != self->settings.level) {
            return fail(fmt::format("node {} runs at another level: give every node the same",
                                    theirs.node));
        }
        return {};
    };
    callbacks.joined = handle([](State& self, NodeId peer, std::uint64_t theirs) {
        self.peer_connected(peer, theirs);
        self.links.at(peer)->hurry();
    });
    callbacks.frame = handle(
        [](State& self, NodeId peer, Frame frame) { self.take_frame(peer, std::move(frame)); });
    callbacks.lost = handle([](State& self, NodeId peer) { self.connection_lost(peer); });
    callbacks.broken = handle([](State& self, NodeId peer, const std::string& reason) {
        const std::string who = peer == nobody ? "a stranger" : fmt::format("node {}", peer);
        self.error_log.record(now(), ErrorCode::peer_frame, fmt::format("{}: {}", who, reason));
    });
    const NodeAddress& own = *address_of(settings.self);
    FL_TRY(server,
           PeerServer::listen(loop,
                              PeerEndpoint{.host = own.host, .port = own.peer_port},
                              hello(),
                              std::move(callbacks)));
    for (const auto& [peer, link] : links)
        link->start();
    return {};
}

void Node::State::peer_connected(NodeId peer, std::uint64_t theirs) {
    pipeline->signal(now(), signal::Connected{peer, theirs});
    pipeline_wanted = true;
}

/// A process that ends takes both connections with it; the loss of one is the link's.
void Node::State::connection_lost(NodeId peer) {
    if (links.at(peer)->connected() || server->hears(peer)) return;
    pipeline->signal(now(), signal::ConnectionLost{peer});
    pipeline_wanted = true;
}

void Node::State::take_frame(NodeId peer, Frame frame) {
    const Instant t = now();
    if (frame.beat) {
        hand_over_to_the_healthy(t, peer, frame.beat->health);
        pipeline->signal(t,
                         signal::Beat{.peer = peer,
                                      .sequence = frame.beat->sequence,
                                      .interval = frame.beat->interval,
                                      .health = std::move(frame.beat->health)});
    }
    for (Message& message : frame.messages) {
        message.from = peer;
        message.to = settings.self;
        consensus->receive(t, std::move(message));
    }
}

Duration Node::State::beat_interval() const {
    return was_leader ? settings.heartbeat : settings.heartbeat * follower_beat_factor;
}

void Node::State::send_beats(Instant t) {
    const Duration interval = beat_interval();
    const Frame frame{
        .beat =
            Beat{.sequence = ++beat_sequence, .interval = interval, .health = pipeline->health()}};
    for (const auto& [peer, link] : links)
        link->send(frame);
    beat_at = t + interval;
}

}  // namespace ftcore
