// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/random.hpp"
#include "targets/metronome/chronicle.hpp"
#include "targets/metronome/clients.hpp"
#include "targets/metronome/connection.hpp"
#include "targets/metronome/failure.hpp"
#include "targets/metronome/pair.hpp"
#include "targets/metronome/write_health.hpp"

namespace metronome {

/// The service: accepts clients, answers them as State says, and lets Failure or Pair change it.
/// Thread: one, the poller's.
class Server : public Clients {
  public:
    Server(Settings settings, Poller& poller, Chronicle& chronicle);

    /// Listens; ready after `settings.ready_after` (a member of a pair: once it has its place).
    [[nodiscard]] faultline::Result<> start(faultline::Instant program_start);
    void on_signal(int signal, faultline::Instant at);
    /// The pair could not decide who leads.
    [[nodiscard]] bool gave_up() const { return gave_up_; }

    void send(Poller::Id client, std::string_view bytes) override;
    void close(Poller::Id client) override;
    void release_replies() override;
    void close_waiting() override;

  private:
    enum class Protocol { resp, http };
    /// A reply that waits until the secondary has the writes it may depend on.
    struct HeldReply {
        std::uint64_t after_writes;
        std::uint64_t acknowledges;
        std::string bytes;
    };
    struct Client {
        Connection connection;
        Protocol protocol;
        std::uint32_t epoll_events;
        std::deque<HeldReply> held{};
        bool close_when_sent = false;
        bool closed = false;
    };
    struct Listener {
        faultline::UniqueFd fd;
        Poller::Id watch = 0;
    };

    [[nodiscard]] faultline::Result<> watch_listener(Listener& listener, Protocol protocol);
    void become_ready();
    void on_failing_changed();
    void accept(const Listener& listener, Protocol protocol);
    void on_events(Poller::Id id, std::uint32_t epoll_events);
    /// Answers what has arrived, unless it has to wait. False: the client broke the protocol.
    [[nodiscard]] bool answer_input(Poller::Id id, Client& client);
    [[nodiscard]] bool answer_resp(Poller::Id id, Client& client);
    [[nodiscard]] bool answer_http_requests(Client& client);
    void carry_out(Poller::Id id, Client& client, Words& words);
    void hold_or_send(Client& client, HeldReply reply);
    void release(Client& client);
    /// Writes what can be written and says what to wait for next; closes what is done.
    void settle(Poller::Id id, Client& client);

    Settings settings_;
    Poller& poller_;
    Chronicle& chronicle_;
    State state_;
    Store store_;
    WriteHealth write_health_;
    std::optional<Failure> failure_;
    std::optional<Pair> pair_;
    Listener resp_listener_;
    Listener http_listener_;
    std::map<Poller::Id, std::unique_ptr<Client>> clients_;
    std::vector<std::unique_ptr<Client>> closed_;  // freed at the next event
    bool gave_up_ = false;
};

}  // namespace metronome
