// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>

#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/engine_room.hpp"
#include "harness/inject/link/flow.hpp"
#include "harness/inject/link/reactor.hpp"

namespace faultline::link {

class LinkState;

/// One accepted connection and the one that carries it on:
///
///   silent ─► connecting ─► open ─► closing ─► gone
///      └─────────┴────────────┴───────┴──────────▲
///
/// Until it is open nothing is read from the client: its bytes wait in the kernel. When connecting
/// on fails, the client is reset: an end of file would look like an answer that is over.
/// Thread: the engine's.
class Connection final : public Timed, public Resumable, public Mortal {
  public:
    Connection(EngineRoom& room, LinkState& link, std::uint64_t number, UniqueFd client);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// How many of its link's connections were before it.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] bool silent() const { return state_ == State::silent; }

    /// Begins to hear of the client. False: the kernel has no room.
    [[nodiscard]] bool watch_client();
    /// Connects on. May end the connection.
    void connect();

    /// Puts an effect's stages at its place, or takes them out; to be resumed then.
    void put(std::uint64_t place, Effect::Stages stages);
    void take(std::uint64_t place) { put(place, {}); }
    /// Retires them: they may stay until what they began is over, `keep` alive so long.
    void retire(std::uint64_t place, const std::shared_ptr<const void>& keep);

    /// Ends it at once: with RST, or with FIN behind what is below the stages and can be written
    /// now, else with RST. `keep` does nothing.
    void end(OpenConnections how);

    void on_time(Instant now) override;
    void resume() override { work(); }

  private:
    /// Registered once: with edges, telling what to watch for costs more than hearing of it.
    static constexpr std::uint32_t socket_events =
        EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | static_cast<std::uint32_t>(EPOLLET);

    enum class State : std::uint8_t { silent, connecting, open, closing, gone };
    enum class Parting : std::uint8_t { fin, rst };

    struct Side final : Watched {
        explicit Side(Connection& of) : connection(of) {}
        void on_ready(std::uint32_t events) override;
        Connection& connection;
        Socket socket{};
    };

    void on_event(Side& side, std::uint32_t events);
    void dial_next();
    void on_dialled();
    void connect_failed();
    void work();
    bool settle_stages(std::size_t& budget);
    bool heed_stages();
    void begin_closing();
    bool pass_on_ends();
    void rearm();
    void part(Parting how);
    static void tell_end(Socket& socket);
    void drop_socket(Socket& socket, Parting how);

    EngineRoom& room_;
    LinkState& link_;
    std::uint64_t number_;
    Side client_{*this};
    Side server_{*this};
    Flow up_;
    Flow down_;
    Instant deadline_ = Instant::max();  // of connecting, or of closing
    Instant redial_ = Instant::max();
    std::uint32_t address_ = 0;  // index of the upstream's address that is tried
    State state_ = State::silent;
};

}  // namespace faultline::link
