// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/server.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "harness/base/resp_reply.hpp"
#include "harness/include/faultline/event.hpp"
#include "targets/metronome/answers.hpp"
#include "targets/metronome/http.hpp"

namespace metronome {

namespace reply = faultline::resp_reply;

namespace {

using faultline::Instant;

constexpr int accepts_max = 64;  // at one event, so that timers stay exact
constexpr std::size_t input_bytes_max = std::size_t{80} << 20;
static_assert(input_bytes_max > request_limits.request_bytes);

std::string upper(std::string_view text) {
    std::string copy(text);
    std::transform(copy.begin(), copy.end(), copy.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
    });
    return copy;
}

}  // namespace

Server::Server(Settings settings, Poller& poller, Chronicle& chronicle)
    : settings_(std::move(settings)),
      poller_(poller),
      chronicle_(chronicle),
      write_health_(chronicle) {
    if (settings_.failure) {
        failure_.emplace(*settings_.failure, settings_.seed, poller_, state_, chronicle_, [this] {
            on_failing_changed();
        });
    }
    if (settings_.pair) {
        pair_.emplace(*settings_.pair, poller_, state_, store_, chronicle_, *this, [this] {
            gave_up_ = true;
            poller_.stop();
        });
    }
}

faultline::Result<> Server::start(Instant program_start) {
    FL_TRY(resp_listener_.fd, listen_on(settings_.port));
    FL_TRY_VOID(watch_listener(resp_listener_, Protocol::resp));
    if (settings_.http_port) {
        FL_TRY(http_listener_.fd, listen_on(*settings_.http_port));
        FL_TRY_VOID(watch_listener(http_listener_, Protocol::http));
    }
    Facts facts{{"port", std::to_string(port_of(resp_listener_.fd.get()))},
                {"seed", std::to_string(settings_.seed)}};
    if (http_listener_.fd) {
        facts.emplace_back("http_port", std::to_string(port_of(http_listener_.fd.get())));
    }
    chronicle_.record("listening", faultline::now(), {}, facts);
    poller_.call_at(program_start + settings_.ready_after, [this](Instant) { become_ready(); });
    return {};
}

void Server::become_ready() {
    if (pair_) {
        pair_->start(faultline::now());
        return;
    }
    state_.ready = true;
    const Instant at = faultline::now();
    faultline::send_event("ready", {}, faultline::nanoseconds_of(at));
    chronicle_.record("ready", at);
    if (failure_) failure_->on_ready(at);
}

void Server::on_signal(int signal, Instant at) {
    const bool triggers = settings_.failure && settings_.failure->trigger_signal == signal;
    if (triggers) {
        if (state_.ready) failure_->on_trigger(at);
        return;
    }
    chronicle_.record(
        "stopped", faultline::now(), {}, {{"acknowledged", std::to_string(state_.acknowledged)}});
    poller_.stop();
}

faultline::Result<> Server::watch_listener(Listener& listener, Protocol protocol) {
    FL_TRY(listener.watch,
           poller_.watch(
               listener.fd.get(), EPOLLIN, [this, &listener, protocol](Poller::Id, std::uint32_t) {
                   accept(listener, protocol);
               }));
    return {};
}

void Server::accept(const Listener& listener, Protocol protocol) {
    for (int i = 0; i < accepts_max; ++i) {
        faultline::UniqueFd fd = accept_from(listener.fd.get());
        if (!fd) return;
        const int raw = fd.get();
        auto client =
            std::make_unique<Client>(Client{Connection(std::move(fd)), protocol, EPOLLIN});
        const auto watch = poller_.watch(
            raw, EPOLLIN, [this](Poller::Id id, std::uint32_t events) { on_events(id, events); });
        if (!watch) return;
        clients_[*watch] = std::move(client);
        settle(*watch, *clients_[*watch]);
    }
}

void Server::on_events(Poller::Id id, std::uint32_t epoll_events) {
    closed_.clear();
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = *found->second;
    if ((epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        const bool open = client.connection.receive();
        if (!open || client.connection.input().size() > input_bytes_max ||
            !answer_input(id, client)) {
            close(id);
            return;
        }
    }
    settle(id, client);
}

// ---- failing and serving again

void Server::on_failing_changed() {
    const bool closing = state_.failing == FailureKind::close;
    const bool listens = resp_listener_.watch != 0;
    if (closing && listens) {
        // Shut down, the socket refuses like one that is gone, yet keeps its port.
        poller_.forget(std::exchange(resp_listener_.watch, 0));
        ::shutdown(resp_listener_.fd.get(), SHUT_RDWR);
    }
    if (!closing && !listens) {
        if (!start_listening(resp_listener_.fd.get()) ||
            !watch_listener(resp_listener_, Protocol::resp)) {
            chronicle_.record("cannot_listen", faultline::now());
            poller_.stop();
        }
    }
    std::vector<Poller::Id> ids;
    for (const auto& [id, client] : clients_)
        ids.push_back(id);
    for (const Poller::Id id : ids) {
        Client& client = *clients_.at(id);
        const bool dies = closing && client.protocol == Protocol::resp;
        if (dies || !answer_input(id, client)) {
            close(id);
        } else {
            settle(id, client);
        }
    }
}

// ---- requests

bool Server::answer_input(Poller::Id id, Client& client) {
    return client.protocol == Protocol::resp ? answer_resp(id, client)
                                             : answer_http_requests(client);
}

bool Server::answer_resp(Poller::Id id, Client& client) {
    if (state_.failing == FailureKind::silent) return true;
    const std::string_view input = client.connection.input();
    std::size_t consumed = 0;
    while (!client.close_when_sent && !client.closed) {
        faultline::RespRequest request =
            faultline::parse_resp_request(input.substr(consumed), request_limits);
        if (request.state == faultline::RespRequest::State::broken) {
            client.connection.send(reply::error(request.error));
            client.close_when_sent = true;
        }
        if (request.state != faultline::RespRequest::State::complete) break;
        if (!request.words.empty()) carry_out(id, client, request.words);
        consumed += request.bytes;
    }
    client.connection.consume(consumed);
    return true;
}

void Server::carry_out(Poller::Id id, Client& client, Words& words) {
    const std::string name = upper(words[0]);
    words[0] = name;
    if (pair_ && name == "METRONOME.FOLLOW") {
        pair_->on_follow(id);
        return;
    }
    if (pair_ && name == "METRONOME.ACK" && words.size() == 2) {
        std::uint64_t writes = 0;
        std::from_chars(words[1].data(), words[1].data() + words[1].size(), writes);
        pair_->on_acknowledge(id, writes);
        return;
    }
    Answer answer = answer_request(words, state_, store_, pair_ ? pair_->peer_port() : 0);
    if (answer.write_error) write_health_.note(*answer.write_error);
    if (answer.wrote && pair_) pair_->on_write(words);
    hold_or_send(client, {state_.writes, answer.wrote ? 1U : 0U, std::move(answer.reply)});
}

bool Server::answer_http_requests(Client& client) {
    std::size_t used = 0;
    HttpRequest request;
    while (!client.close_when_sent) {
        const Parsed parsed = parse_http(client.connection.input(), request, used);
        if (parsed == Parsed::broken) return false;
        if (parsed == Parsed::partial) return true;
        if (!is_view(request.path)) {
            if (state_.failing == FailureKind::silent) return true;
            if (state_.failing == FailureKind::close) return false;
        }
        client.connection.send(answer_http(request, state_, chronicle_));
        client.close_when_sent = !request.keep_alive;
        client.connection.consume(used);
    }
    return true;
}

// ---- replies

void Server::hold_or_send(Client& client, HeldReply reply) {
    client.held.push_back(std::move(reply));
    release(client);
}

void Server::release(Client& client) {
    while (!client.held.empty() && client.held.front().after_writes <= state_.safe_writes) {
        client.connection.send(client.held.front().bytes);
        state_.acknowledged += client.held.front().acknowledges;
        client.held.pop_front();
    }
}

void Server::release_replies() {
    std::vector<Poller::Id> ids;
    for (const auto& [id, client] : clients_) {
        if (!client->held.empty()) ids.push_back(id);
    }
    for (const Poller::Id id : ids) {
        const auto found = clients_.find(id);
        if (found == clients_.end()) continue;
        release(*found->second);
        settle(id, *found->second);
    }
}

void Server::close_waiting() {
    std::vector<Poller::Id> ids;
    for (const auto& [id, client] : clients_) {
        if (!client->held.empty()) ids.push_back(id);
    }
    for (const Poller::Id id : ids)
        close(id);
}

void Server::send(Poller::Id client, std::string_view bytes) {
    const auto found = clients_.find(client);
    if (found == clients_.end()) return;
    found->second->connection.send(bytes);
    settle(client, *found->second);
}

void Server::settle(Poller::Id id, Client& client) {
    if (client.closed) return;
    Connection& connection = client.connection;
    if (!connection.flush() || (client.close_when_sent && !connection.unsent())) {
        close(id);
        return;
    }
    // During a silent failure requests stay in the kernel, as they do with a process that hangs.
    const bool deaf = state_.failing == FailureKind::silent && client.protocol == Protocol::resp;
    const std::uint32_t epoll_events =
        (deaf ? 0U : std::uint32_t{EPOLLIN}) | (connection.unsent() ? std::uint32_t{EPOLLOUT} : 0U);
    if (epoll_events != client.epoll_events) {
        client.epoll_events = epoll_events;
        poller_.change(id, epoll_events);
    }
}

void Server::close(Poller::Id client) {
    const auto found = clients_.find(client);
    if (found == clients_.end()) return;
    poller_.forget(client);
    found->second->closed = true;
    found->second->connection.close();
    closed_.push_back(std::move(found->second));  // may be in use further up the stack
    clients_.erase(found);
    if (pair_) pair_->on_closed(client);
}

}  // namespace metronome
