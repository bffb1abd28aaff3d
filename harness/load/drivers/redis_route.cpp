// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/redis_route.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/load/drivers/redis_ask.hpp"

namespace faultline {
namespace {

/// A round begins no later than after this part of the time that has been searched: the answer is
/// late by 6 % of the outage at most.
constexpr int pause_share = 16;
/// How long a round waits for the slow: a live instance on the same machine answers in 0.1 to
/// 0.5 ms, one that is starved of a core is heard once the search has lasted for four times longer.
constexpr Duration patience_min = std::chrono::milliseconds(2);
constexpr int patience_share = 4;

bool same_address(const SocketAddress& a, const SocketAddress& b) {
    return a.length == b.length && std::memcmp(&a.storage, &b.storage, a.length) == 0;
}

bool has_role(const RespValue& answer, const std::string& role) {
    return answer.type == RespValue::Type::array && !answer.elements.empty() &&
           answer.elements[0].text == role;
}

RedisRound ask_roles(const RedisSearch& search,
                     const std::vector<Destination>& places,
                     Instant deadline,
                     int cancel_fd) {
    std::vector<SocketAddress> addresses;
    for (const Destination& place : places)
        addresses.push_back(place.address);
    std::string request;
    append_command(request, {"ROLE"});
    RedisRound round;
    // There is one master but any number of replicas, so only for those the round goes on.
    const bool first_is_enough = search.role == "master";
    const int answers = ask_all(
        addresses, request, deadline, cancel_fd, [&](std::size_t i, const RespValue& answer) {
            if (!has_role(answer, search.role)) return false;
            round.found.push_back(places[i]);
            return first_is_enough;
        });
    round.anyone_answered = answers > 0;
    return round;
}

/// What a sentinel says: an array of address and port. Empty: it knows no such master.
std::optional<SocketAddress> address_in(const RespValue& answer) {
    if (answer.type != RespValue::Type::array || answer.elements.size() != 2) return std::nullopt;
    const std::string_view text = answer.elements[1].text;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    auto address = resolve(std::string(answer.elements[0].text), port);
    if (!address) return std::nullopt;
    return *address;
}

RedisRound ask_sentinels(const RedisSearch& search, Duration patience, int cancel_fd) {
    std::string request;
    append_command(request, {"SENTINEL", "get-master-addr-by-name", search.master_name});
    std::vector<Destination> named;
    const int answers = ask_all(search.sentinels,
                                request,
                                now() + patience,
                                cancel_fd,
                                [&](std::size_t, const RespValue& answer) {
                                    const auto address = address_in(answer);
                                    if (!address) return false;
                                    const Destination place = place_of(search, *address);
                                    const bool known = std::any_of(
                                        named.begin(), named.end(), [&](const Destination& other) {
                                            return same_address(place.address, other.address);
                                        });
                                    if (!known) named.push_back(place);
                                    return false;
                                });
    RedisRound round = ask_roles(search, named, now() + patience, cancel_fd);
    round.anyone_answered = answers > 0;
    return round;
}

}  // namespace

Destination place_of(const RedisSearch& search, const SocketAddress& address) {
    std::size_t index = search.endpoints.size();
    for (std::size_t i = 0; i < search.endpoints.size(); ++i) {
        if (same_address(search.endpoints[i], address)) index = i;
    }
    for (const EndpointAlias& alias : search.aliases) {
        if (index == search.endpoints.size() && same_address(alias.address, address))
            index = alias.endpoint;
    }
    if (index == search.endpoints.size()) return {address, 0xFF};
    return {search.endpoints[index],
            index < 0xFF ? static_cast<std::uint8_t>(index) : std::uint8_t{0xFF}};
}

RedisRound search_once(const RedisSearch& search, Duration patience, int cancel_fd) {
    if (!search.sentinels.empty()) return ask_sentinels(search, patience, cancel_fd);
    std::vector<Destination> everyone;
    for (const SocketAddress& endpoint : search.endpoints)
        everyone.push_back(place_of(search, endpoint));
    return ask_roles(search, everyone, now() + patience, cancel_fd);
}

Duration next_pause(const RedisSearch& search, Duration searched) {
    return std::min(std::max(search.pause_first, searched / pause_share), search.pause_max);
}

Duration next_patience(const RedisSearch& search, Duration last, Duration searched, bool answered) {
    if (!answered) return std::min(last * 2, std::max(search.answer_max, search.pause_max));
    return std::min(std::max(patience_min, searched / patience_share), search.pause_max);
}

void RedisRoute::start(std::function<void()> changed) {
    changed_ = std::move(changed);
    stop_fd_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    thread_ = std::thread([this] { run(); });
}

void RedisRoute::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_one();
    const std::uint64_t one = 1;
    static_cast<void>(!::write(stop_fd_.get(), &one, sizeof one));
    thread_.join();
}

std::optional<Destination> RedisRoute::destination(int connection) {
    if (searching_) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (found_.empty()) return std::nullopt;
    return found_[static_cast<std::size_t>(connection) % found_.size()];
}

void RedisRoute::search() {
    if (searching_) return;  // thousands of replies may ask for it at once
    {
        const std::lock_guard lock(mutex_);
        searching_ = true;
    }
    wanted_.notify_one();
}

bool RedisRoute::hint(const SocketAddress& address, std::uint8_t from) {
    const Destination place = place_of(search_, address);
    if (place.endpoint == 0xFF || place.endpoint == from) return false;
    const std::lock_guard lock(mutex_);
    found_ = {place};
    searching_ = false;
    return true;
}

void RedisRoute::run() {
    while (!stopping_) {
        {
            std::unique_lock lock(mutex_);
            wanted_.wait(lock, [this] { return searching_ || stopping_; });
        }
        if (!stopping_) look();
    }
}

void RedisRoute::look() {
    const Instant searching_since = now();
    Duration patience = patience_min;
    while (!stopping_) {
        const Instant begin = now();
        RedisRound round = search_once(search_, patience, stop_fd_.get());
        if (!round.found.empty()) {
            const std::lock_guard lock(mutex_);
            found_ = std::move(round.found);
            searching_ = false;
        } else {
            ++failures_;
        }
        if (!stopping_) changed_();
        if (!searching_) return;
        const Duration searched = now() - searching_since;
        patience = next_patience(search_, patience, searched, round.anyone_answered);
        wait_until(begin + next_pause(search_, searched));
    }
}

void RedisRoute::wait_until(Instant when) {
    std::unique_lock lock(mutex_);
    wanted_.wait_until(lock, when, [this] { return stopping_.load(); });
}

}  // namespace faultline
