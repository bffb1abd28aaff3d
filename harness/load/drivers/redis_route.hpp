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

/// What a Redis client looks for, and whom it asks.
struct RedisSearch {
    std::vector<SocketAddress> endpoints{};
    std::vector<SocketAddress> sentinels{};  // empty: the endpoints are asked for their role
    std::string master_name = "mymaster";    // what the sentinels call it
    std::string role = "master";             // the first word of ROLE that is wanted
    Duration pause_first = std::chrono::milliseconds(1);
    Duration pause_max = std::chrono::milliseconds(20);
    Duration answer_max = std::chrono::milliseconds(100);
};

/// One round of looking: asks all endpoints for ROLE at once, or all sentinels for the address and
/// that address for ROLE. A round lasts as long as the slowest that answers, or `patience`.
struct RedisRound {
    std::vector<Destination> found{};
    bool anyone_answered = false;
};
[[nodiscard]] RedisRound search_once(const RedisSearch& search, Duration patience, int cancel_fd);

/// The patience for the next round: the longest pause, and more while nobody answers at all.
[[nodiscard]] Duration next_patience(const RedisSearch& search, Duration last, bool answered);

/// Follows the instance in the wanted role as a client does: looks when a connection is lost, when
/// a request timed out and when an instance says that it is not the one. Rounds follow each other
/// after pauses of `pause_first` doubling to `pause_max`, counted from the start of the round, so
/// that an instance that hangs does not slow the finding of another. Thread: `changed` comes from
/// the route's own thread, all else is the generator's.
class RedisRoute final : public Route {
  public:
    explicit RedisRoute(RedisSearch search) : search_(std::move(search)) {}
    ~RedisRoute() override { stop(); }

    void start(std::function<void()> changed) override;
    void stop() override;
    [[nodiscard]] std::optional<Destination> destination(int connection) override;
    void search() override;
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
