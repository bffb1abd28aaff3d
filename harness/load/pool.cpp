// SPDX-License-Identifier: Apache-2.0
#include "harness/load/pool.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr std::size_t receive_bytes = 256 * 1024;
/// One send takes at most about this much, so that the stamps in it stay true.
constexpr std::size_t send_bytes_max = 64 * 1024;
/// A reply longer than this breaks the protocol.
constexpr std::size_t reply_bytes_max = std::size_t{256} << 20;
constexpr Instant never = Instant::max();

}  // namespace

Pool::Pool(const LoadSpec& spec, Protocol& protocol, OperationStore& store, Poller& poller)
    : spec_(spec),
      protocol_(protocol),
      traits_(protocol.traits()),
      store_(store),
      poller_(poller),
      connections_(static_cast<std::size_t>(std::max(1, spec.connections))),
      buffer_(receive_bytes) {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i].number = static_cast<int>(i);
        connections_[i].pause = spec.reconnect_first;
    }
}

void Pool::open(Instant now) {
    for (Connection& connection : connections_) {
        if (traits_.connect_is_operation) {
            connection.state = State::ready;  // each operation brings its own socket
            ++ready_count_;
        } else {
            attempt(connection, now);
        }
    }
}

// ---- connecting

void Pool::attempt(Connection& connection, Instant now) {
    const auto destination = protocol_.route().destination(connection.number);
    if (!destination) {
        if (protocol_.route().searching()) {
            connection.attempt_at = never;  // `maintain` looks again when the search has ended
            return;
        }
        return attempt_failed(connection, now);
    }
    ConnectStart start = start_connect(destination->address);
    if (start.error != 0) return attempt_failed(connection, now);
    connection.fd = std::move(start.fd);
    connection.endpoint = destination->endpoint;
    connection.state = State::connecting;
    connection.attempt_at = now + spec_.timeout;
    const std::uint32_t events = start.connected ? EPOLLIN : EPOLLIN | EPOLLOUT;
    if (!poller_.add(connection.fd.get(), events, static_cast<std::uint32_t>(connection.number))) {
        return attempt_failed(connection, now);
    }
    if (start.connected) connected(connection);
}

void Pool::connected(Connection& connection) {
    connection.state = State::ready;
    connection.served = false;
    ++ready_count_;
}

void Pool::attempt_failed(Connection& connection, Instant now) {
    close(connection);
    connection.attempt_at = now + connection.pause;
    connection.pause = std::min(connection.pause * 2, spec_.reconnect_max);
    attempt_failed_ = true;
    protocol_.route().search();
}

Instant Pool::maintain(Instant now) {
    if (traits_.connect_is_operation) return never;
    Route& route = protocol_.route();
    if (const std::uint64_t failures = route.failures(); failures != route_failures_) {
        route_failures_ = failures;
        attempt_failed_ = true;
    }
    if (ready_count_ == connections_.size()) return never;
    const bool searching = route.searching();
    Instant next = never;
    for (Connection& connection : connections_) {
        if (connection.state == State::ready) continue;
        if (connection.attempt_at == never && !searching) connection.attempt_at = now;
        if (connection.attempt_at <= now) {
            if (connection.state == State::waiting) {
                attempt(connection, now);
            } else {
                attempt_failed(connection, now);
            }
        }
        if (connection.state != State::ready) next = std::min(next, connection.attempt_at);
    }
    return next;
}

void Pool::close(Connection& connection) {
    if (connection.state == State::ready) --ready_count_;
    connection.fd.reset();
    connection.state = State::waiting;
    connection.blocked = connection.last = false;
    connection.endpoint = 0xFF;
    connection.out.clear();
    connection.in.clear();
    FL_CHECK(connection.in_flight.empty());
}

void Pool::lose(Connection& connection, Instant now) {
    for (std::size_t i = 0; i < connection.in_flight.size(); ++i) {
        // What was encoded but never handed to the kernel did not happen.
        const bool sent = i + connection.unstamped < connection.in_flight.size();
        const std::uint32_t index = connection.in_flight[i];
        if (sent) {
            store_.settle(index, {Outcome::unknown, Failure::connection}, now);
        } else if (traits_.redirects) {
            wait_again(index);
        } else {
            store_.settle_unsent(index, Failure::refused, now);
        }
    }
    in_flight_ -= connection.in_flight.size();
    connection.in_flight.clear();
    connection.unstamped = 0;
    const bool served = connection.served;
    close(connection);
    if (served) {
        connection.pause = spec_.reconnect_first;
        connection.attempt_at = now;
    } else {
        // Accepted and hung up at once: without a pause this would spin.
        connection.attempt_at = now + connection.pause;
        connection.pause = std::min(connection.pause * 2, spec_.reconnect_max);
    }
}

void Pool::drop_expired(Instant now) {
    if (!traits_.timeout_drops) return;
    for (Connection& connection : connections_) {
        if (connection.in_flight.empty() || !store_.is_settled(connection.in_flight.front())) {
            continue;
        }
        if (traits_.connect_is_operation) {
            end_connect_operation(connection, ETIMEDOUT);
        } else {
            lose(connection, now);
            protocol_.route().search();
        }
    }
}

// ---- sending

bool Pool::has_room(const Connection& connection) const {
    return connection.state == State::ready && !connection.blocked && !connection.last &&
           connection.in_flight.size() < static_cast<std::size_t>(traits_.pipeline) &&
           connection.out.size() < send_bytes_max;
}

bool Pool::give(std::uint32_t index) {
    for (std::size_t tried = 0; tried < connections_.size(); ++tried) {
        Connection& connection = connections_[next_];
        next_ = next_ + 1 == connections_.size() ? 0 : next_ + 1;
        if (!has_room(connection)) continue;
        if (traits_.connect_is_operation) {
            connect_operation(connection, index);
        } else {
            encode_for(connection, index);
        }
        return true;
    }
    return false;
}

void Pool::give_again() {
    while (!again_.empty() && give(*again_.begin())) {
        again_.erase(again_.begin());
        redirected_.fetch_add(1, std::memory_order_relaxed);
    }
}

bool Pool::take_waiting(std::uint32_t index) {
    stamped_.erase(index);
    return again_.erase(index) > 0;
}

void Pool::wait_again(std::uint32_t index) {
    if (store_.is_settled(index)) return;  // its time was over before the answer came
    again_.insert(index);
    stamped_.insert(index);
}

void Pool::encode_for(Connection& connection, std::uint32_t index) {
    Operation& operation = store_[index];
    operation.endpoint = connection.endpoint;
    if (connection.out.empty()) unsent_.push_back(connection.number);
    protocol_.encode(operation, index, connection.out);
    connection.in_flight.push_back(index);
    ++connection.unstamped;
    ++in_flight_;
}

void Pool::stamp(Connection& connection, Instant now) {
    const std::size_t size = connection.in_flight.size();
    for (std::size_t i = size - connection.unstamped; i < size; ++i) {
        const std::uint32_t index = connection.in_flight[i];
        // One that timed out here may be being read by others.
        if (index < stamp_from_ || store_.is_settled(index)) continue;
        if (!stamped_.empty() && stamped_.contains(index)) continue;
        store_[index].lag_us = lag_between(instant_of(store_[index].intended_ns), now);
    }
}

void Pool::flush() {
    for (const int number : unsent_) {
        Connection& connection = connections_[static_cast<std::size_t>(number)];
        if (!connection.out.empty() && !connection.blocked) send(connection);
    }
    unsent_.clear();
}

void Pool::send(Connection& connection) {
    // The stamp is taken before the call: a write is never said to have begun later than it did.
    const Instant before = now();
    stamp(connection, before);
    const ssize_t count =
        ::send(connection.fd.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        lose(connection, before);
        protocol_.route().search();
        return;
    }
    const auto taken = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    if (taken > 0) connection.unstamped = 0;
    if (taken == connection.out.size()) {
        connection.out.clear();
    } else {
        connection.out.erase(0, taken);
    }
    const bool blocked = !connection.out.empty();
    if (blocked != connection.blocked) {
        connection.blocked = blocked;
        poller_.change(connection.fd.get(),
                       blocked ? EPOLLIN | EPOLLOUT : EPOLLIN,
                       static_cast<std::uint32_t>(connection.number));
    }
}

// ---- receiving

void Pool::handle(const epoll_event& event) {
    Connection& connection = connections_[event.data.u32];
    if (!connection.fd) return;  // closed while earlier events of this round were handled
    if (connection.state == State::connecting) {
        const int error = connect_error(connection.fd.get());
        if (traits_.connect_is_operation) return end_connect_operation(connection, error);
        if (error != 0) return attempt_failed(connection, now());
        poller_.change(connection.fd.get(), EPOLLIN, event.data.u32);
        return connected(connection);
    }
    if ((event.events & EPOLLOUT) != 0 && connection.blocked) send(connection);
    if (connection.fd && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        receive(connection);
    }
}

void Pool::receive(Connection& connection) {
    const ssize_t count = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const Instant at = now();
    const bool ended = count <= 0;
    const std::string_view fresh(buffer_.data(),
                                 static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (connection.in.empty()) {
        const std::size_t used = match(connection, fresh, ended, at);
        connection.in.assign(fresh.substr(used));
    } else {
        connection.in.append(fresh);
        connection.in.erase(0, match(connection, connection.in, ended, at));
    }
    const bool finished = connection.last && connection.in_flight.empty();
    if (ended || finished || connection.in.size() > reply_bytes_max) {
        lose(connection, at);
        if (!finished) protocol_.route().search();
    }
}

std::size_t Pool::match(Connection& connection, std::string_view input, bool ended, Instant at) {
    std::size_t used = 0;
    while (used < input.size()) {
        if (connection.in_flight.empty()) {
            connection.last = true;  // nobody asked: the stream is out of step
            return input.size();
        }
        const std::uint32_t index = connection.in_flight.front();
        const Reply reply = protocol_.parse(store_[index], index, input.substr(used), ended);
        if (reply.bytes == 0) break;
        FL_CHECK(used + reply.bytes <= input.size());
        const bool again = reply.again && traits_.redirects;
        if (again) {
            wait_again(index);
        } else {
            store_.settle(index, reply.settlement, at);
            if (!stamped_.empty()) stamped_.erase(index);
        }
        connection.in_flight.pop_front();
        connection.unstamped = std::min<std::uint32_t>(
            connection.unstamped, static_cast<std::uint32_t>(connection.in_flight.size()));
        --in_flight_;
        used += reply.bytes;
        if (!again) connection.served = true;
        if (reply.last) connection.last = true;
        if (reply.search) protocol_.route().search();
        if (again) leave_endpoint(connection, at);
    }
    return used;
}

/// What one connection was told holds for the others to the same instance: operations given to them
/// would only learn it once more.
void Pool::leave_endpoint(const Connection& wrong, Instant now) {
    if (wrong.endpoint == 0xFF) return;
    for (Connection& other : connections_) {
        if (other.state != State::ready || other.endpoint != wrong.endpoint || other.last) continue;
        other.last = true;
        if (&other != &wrong && other.in_flight.empty()) lose(other, now);
    }
}

// ---- a connect as an operation

void Pool::connect_operation(Connection& connection, std::uint32_t index) {
    const Instant begin = now();
    Operation& operation = store_[index];
    if (index >= stamp_from_) {
        operation.lag_us = lag_between(instant_of(operation.intended_ns), begin);
    }
    const auto destination = protocol_.route().destination(static_cast<int>(index));
    if (!destination) return store_.settle_unsent(index, Failure::refused, begin);
    operation.endpoint = destination->endpoint;
    connection.in_flight.push_back(index);
    ++in_flight_;
    --ready_count_;
    connection.state = State::connecting;
    connection.attempt_at = never;  // the operation's own timeout ends it
    ConnectStart start = start_connect(destination->address);
    connection.fd = std::move(start.fd);
    if (start.connected || start.error != 0) {
        return end_connect_operation(connection, start.error);
    }
    if (!poller_.add(
            connection.fd.get(), EPOLLOUT, static_cast<std::uint32_t>(connection.number))) {
        end_connect_operation(connection, EMFILE);
    }
}

void Pool::end_connect_operation(Connection& connection, int error) {
    const std::uint32_t index = connection.in_flight.front();
    const Instant end = now();
    if (error == 0) {
        store_.settle(index, {Outcome::ok, Failure::none}, end);
    } else {
        store_.settle(index, {Outcome::failed, Failure::refused}, end);
    }
    connection.in_flight.clear();
    --in_flight_;
    connection.fd.reset();
    connection.state = State::ready;
    ++ready_count_;
}

}  // namespace faultline
