// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "tests/unit/inject/link/wire.hpp"

namespace faultline::link::test {

/// Answers each HTTP request without a body with its path.
class PathServer {
  public:
    PathServer();
    ~PathServer();
    PathServer(const PathServer&) = delete;
    PathServer& operator=(const PathServer&) = delete;
    [[nodiscard]] std::string address() const { return server_.address(); }

  private:
    void serve();
    testing::TestServer server_;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> talks_;
    std::thread thread_;
};

/// A redis-server of the test's own, at a socket in a folder of its own.
class RedisServer {
  public:
    /// Nothing when it is not installed.
    [[nodiscard]] static std::optional<RedisServer> start();
    RedisServer(RedisServer&& other) noexcept;
    RedisServer& operator=(RedisServer&&) = delete;
    ~RedisServer();
    [[nodiscard]] std::string address() const { return "unix:" + folder_ + "/redis.sock"; }

  private:
    RedisServer(pid_t pid, std::string folder) : pid_(pid), folder_(std::move(folder)) {}
    pid_t pid_;
    std::string folder_;
};

}  // namespace faultline::link::test
