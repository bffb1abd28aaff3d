// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/load/load.hpp"

namespace faultline::test {

/// A TCP server on a thread of its own that answers as a test tells it to.
class FakeServer {
  public:
    /// Reads what one connection has sent so far, takes what it understands off its front, and
    /// returns the answer. `close` set: hang up after the answer.
    struct Talk {
        std::string in;
        std::string out;
        bool close = false;
        int connection = 0;  // counted from 0 in order of acceptance
    };
    using Answer = std::function<void(Talk&)>;

    explicit FakeServer(Answer answer);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Endpoint endpoint() const { return {"fake[0]", "127.0.0.1", port_}; }
    /// Answers nothing while set; what came in meanwhile is answered afterwards.
    void stall(bool stalled) { stalled_ = stalled; }
    [[nodiscard]] int accepted() const { return accepted_; }
    [[nodiscard]] std::uint64_t answered() const { return answered_; }
    void count_answer() { ++answered_; }
    /// Ends listening and every connection; the port stays known and can be taken again.
    void stop();

  private:
    void run();
    Answer answer_;
    UniqueFd listener_;
    UniqueFd stop_fd_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stalled_{false};
    std::atomic<int> accepted_{0};
    std::atomic<std::uint64_t> answered_{0};
    std::thread thread_;
};

/// Answers every complete RESP command by what `reply` says to its words.
[[nodiscard]] FakeServer::Answer resp_answers(
    std::function<std::string(const std::vector<std::string>& words)> reply);

/// A port that nobody listens on.
[[nodiscard]] std::uint16_t free_port();

/// Waits for a condition that another thread brings about. False: it did not within 20 s.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

}  // namespace faultline::test
