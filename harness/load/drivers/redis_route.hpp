// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/load/route.hpp"

namespace faultline {

/// An address by which servers call an endpoint.
struct EndpointAlias {
    SocketAddress address;
    std::size_t endpoint = 0;  // index
};

/// What a Redis client looks for, and whom it asks.
struct RedisSearch {
    std::vector<SocketAddress> endpoints{};
    std::vector<EndpointAlias> aliases{};    // their other addresses
    std::vector<SocketAddress> sentinels{};  // empty: the endpoints are asked for their role
    std::string master_name = "mymaster";    // what the sentinels call it
    std::string role = "master";             // the first word of ROLE that is wanted
    Duration pause_first = std::chrono::microseconds(500);
    Duration pause_max = std::chrono::milliseconds(20);
    Duration answer_max = std::chrono::milliseconds(100);
};

/// What `address` stands for: the endpoint that it, or an alias of it, belongs to, with the address
/// where that is connected to; none of the endpoints: the address itself.
[[nodiscard]] Destination place_of(const RedisSearch& search, const SocketAddress& address);

/// One round of looking: asks all endpoints for ROLE at once, or all sentinels for the address and
/// that address for ROLE. A round lasts as long as the slowest that answers, or `patience`.
struct RedisRound {
    std::vector<Destination> found{};
    bool anyone_answered = false;
};
[[nodiscard]] RedisRound search_once(const RedisSearch& search, Duration patience, int cancel_fd);

/// When the next round begins after the last one did: `pause_first`, later a share of the time that
/// has been searched, `pause_max` at most. So the answer is never later than by that share of the
/// outage, and a long one is not asked about a thousand times.
[[nodiscard]] Duration next_pause(const RedisSearch& search, Duration searched);
/// The patience for the next round: also a share of that time while somebody answers, so that an
/// instance that hangs does not hold up the finding of another; more while nobody answers at all.
[[nodiscard]] Duration next_patience(const RedisSearch& search,
                                     Duration last,
                                     Duration searched,
                                     bool answered);

/// Follows the instance in the wanted role as a client does: looks when a connection is lost, when
/// a request timed out and when an instance says that it is not the one. Thread: `changed` comes
/// from the route's own thread, all else is the generator's.
class RedisRoute final : public Route {
  public:
    explicit RedisRoute(RedisSearch search) : search_(std::move(search)) {}
    ~RedisRoute() override { stop(); }

    void start(std::function<void()> changed) override;
    void stop() override;
    [[nodiscard]] std::optional<Destination> destination(int connection) override;
    void search() override;
    /// Somebody said who has the role: goes there at once, without asking. False: it is no instance
    /// of the load's, or the one at `from`, which said it of itself.
    [[nodiscard]] bool hint(const SocketAddress& address, std::uint8_t from);
    [[nodiscard]] bool searching() const override { return searching_; }
    [[nodiscard]] std::uint64_t failures() const override { return failures_; }

    [[nodiscard]] const RedisSearch& what() const { return search_; }

  private:
    void run();
    void look();
    void wait_until(Instant when);

    const RedisSearch search_;
    std::function<void()> changed_{};
    UniqueFd stop_fd_{};
    std::atomic<bool> searching_{true};
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> failures_{0};
    std::mutex mutex_;                // guards found_
    std::condition_variable wanted_;  // searching_ or stopping_ became true
    std::vector<Destination> found_{};
    std::thread thread_;
};

}  // namespace faultline
