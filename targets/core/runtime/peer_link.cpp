// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/peer_link.hpp"

#include <algorithm>
#include <array>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "faultline/failpoint.hpp"
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace ftcore {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// What is not acknowledged by the other end's kernel, or not taken by its process because its
/// buffers are full, ends the connection after this time; a link that is only slow goes on.
/// Source: man 7 tcp (TCP_USER_TIMEOUT), RFC 5482.
void limit_stall(tcp::socket& socket, Duration limit) {
    const auto ms =
        static_cast<unsigned>(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count());
    // Without it (no Linux has refused it) a stalled connection is replaced when it is reset.
    static_cast<void>(
        ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms));
}

}  // namespace

struct PeerLink::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop, const PeerEndpoint& peer, Hello own, Callbacks callbacks_in)
        : endpoint(asio::ip::make_address(peer.host), peer.port),
          expected(peer.node),
          hello(std::move(own)),
          callbacks(std::move(callbacks_in)),
          socket(loop),
          prober(loop),
          timer(loop),
          probe_timer(loop) {}

    void attempt() {
        phase = Phase::connecting;
        const std::uint64_t mine = ++generation;
        socket = tcp::socket(socket.get_executor());
        give_up_after(attempt_max);
        socket.async_connect(endpoint, [self = shared_from_this(), mine](error_code error) {
            if (self->generation != mine || self->phase != Phase::connecting) return;
            if (error) {
                const bool refused = error == asio::error::connection_refused;
                self->drop();
                if (refused) self->callbacks.refused();
                return self->retry();
            }
            self->greet();
        });
    }

    void give_up_after(Duration patience) {
        timer.expires_after(patience);
        timer.async_wait([self = shared_from_this(), mine = generation](error_code error) {
            // One that was cancelled too late finds that another wait has begun.
            if (error || self->generation != mine || self->phase == Phase::up ||
                self->timer.expiry() > std::chrono::steady_clock::now())
                return;
            if (self->phase == Phase::greeting)
                self->hello_patience = std::min(self->hello_patience * 2, hello_max);
            self->drop();
            self->callbacks.timed_out();
            self->retry();
        });
    }

    void greet() {
        phase = Phase::greeting;
        greeted_at = faultline::now();
        give_up_after(hello_patience);
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        limit_stall(socket, stalled_max);
        ++hello.connection;
        unsent.clear();
        append_frame(unsent, Frame{.hello = hello});
        flush();
        receive();
    }

    void receive() {
        socket.async_read_some(
            asio::buffer(buffer),
            [self = shared_from_this(), mine = generation](error_code error, std::size_t bytes) {
                if (self->generation != mine) return;
                if (error) return self->lose();
                self->received.append(self->buffer.data(), bytes);
                self->read_frames();
            });
    }

    /// The peer only ever says Hello here; what it has to say otherwise comes on its own
    /// connection.
    void read_frames() {
        while (true) {
            const FrameParse parse = parse_frame(received);
            if (parse.state == FrameParse::State::incomplete) break;
            if (parse.state == FrameParse::State::broken) {
                callbacks.broken(parse.reason);
                return lose();
            }
            received.erase(0, parse.bytes);
            if (parse.frame.hello && phase == Phase::greeting && !welcome(*parse.frame.hello))
                return;
        }
        receive();
    }

    /// False: this connection is over.
    [[nodiscard]] bool welcome(const Hello& theirs) {
        if (expected != nobody && theirs.node != expected) {
            callbacks.broken(fmt::format("node {} answers at its address {}:{}",
                                         theirs.node,
                                         endpoint.address().to_string(),
                                         endpoint.port()));
            lose();
            return false;
        }
        constexpr int slack = 4;  // the next answer may take so many times longer
        const Duration took = faultline::now() - greeted_at;
        hello_patience = std::clamp(slack * took, hello_first, hello_max);
        phase = Phase::up;
        pause = Duration::zero();
        timer.cancel();
        callbacks.connected(theirs.incarnation);
        return phase == Phase::up;
    }

    void lose() {
        const bool was_up = phase == Phase::up;
        drop();
        if (was_up) callbacks.lost();
        retry();
    }

    void drop() {
        ++generation;
        phase = Phase::waiting;
        error_code ignored;
        socket.close(ignored);
        timer.cancel();
        received.clear();
        unsent.clear();
        sending.clear();
    }

    void retry() {
        if (stopped) return;
        phase = Phase::waiting;
        if (pause == Duration::zero()) {
            pause = pause_first;
            return attempt();
        }
        timer.expires_after(pause);
        pause = std::min(pause * 2, pause_max);
        timer.async_wait([self = shared_from_this(), mine = generation](error_code error) {
            if (!error && !self->stopped && self->generation == mine &&
                self->phase == Phase::waiting)
                self->attempt();
        });
    }

    void flush() {
        if (!sending.empty() || unsent.empty()) return;
        FL_FAILPOINT_DO("peer.send", return lose());
        std::swap(sending, unsent);
        asio::async_write(
            socket,
            asio::buffer(sending),
            [self = shared_from_this(), mine = generation](error_code error, std::size_t) {
                if (self->generation != mine) return;
                self->sending.clear();
                if (error) return self->lose();
                self->flush();
            });
    }

    void probe() {
        if (probing || stopped) return;
        probing = true;
        prober = tcp::socket(prober.get_executor());
        probe_timer.expires_after(attempt_max);
        probe_timer.async_wait([self = shared_from_this()](error_code error) {
            if (error || !self->probing) return;
            self->probing = false;
            error_code ignored;
            self->prober.close(ignored);
            self->callbacks.timed_out();
        });
        prober.async_connect(endpoint, [self = shared_from_this()](error_code error) {
            if (!self->probing || self->stopped) return;
            self->probing = false;
            self->probe_timer.cancel();
            error_code ignored;
            self->prober.close(ignored);
            if (!error) return self->callbacks.accepted();
            if (error == asio::error::connection_refused) return self->callbacks.refused();
            self->callbacks.timed_out();
        });
    }

    enum class Phase : std::uint8_t { waiting, connecting, greeting, up };

    const tcp::endpoint endpoint;
    const NodeId expected;
    Hello hello;
    const Callbacks callbacks;
    tcp::socket socket;
    tcp::socket prober;
    asio::steady_timer timer;
    asio::steady_timer probe_timer;
    Phase phase = Phase::waiting;
    std::uint64_t generation = 0;  // of connections: handlers of an older one do nothing
    Duration pause = Duration::zero();
    Duration hello_patience = hello_first;
    Instant greeted_at{};
    bool stopped = false;
    bool probing = false;
    std::string unsent;
    std::string sending;
    std::string received;
    std::array<char, 4096> buffer{};
};

PeerLink::PeerLink(asio::io_context& loop, PeerEndpoint peer, Hello hello, Callbacks callbacks)
    : state_(std::make_shared<State>(loop, peer, std::move(hello), std::move(callbacks))) {}

PeerLink::~PeerLink() {
    stop();
}

void PeerLink::start() {
    state_->pause = pause_first;  // at the start nobody may be there yet, and that is no crash
    state_->attempt();
}

void PeerLink::stop() {
    state_->stopped = true;
    state_->probing = false;
    error_code ignored;
    state_->prober.close(ignored);
    state_->probe_timer.cancel();
    state_->drop();
}

void PeerLink::hurry() {
    if (state_->phase == State::Phase::waiting && !state_->stopped) state_->attempt();
}

void PeerLink::probe() {
    state_->probe();
}

bool PeerLink::connected() const {
    return state_->phase == State::Phase::up;
}

void PeerLink::send(const Frame& frame) {
    if (!connected() || state_->unsent.size() > unsent_bytes_max) return;
    append_frame(state_->unsent, frame);
}

void PeerLink::flush() {
    if (connected()) state_->flush();
}

}  // namespace ftcore
