// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/file.hpp"
#include "targets/kvnode/client/redis_reply.hpp"

namespace kvnode::client {

using Words = std::vector<std::string>;

/// A server on loopback that answers one connection at a time with whatever the test says.
class FakeRedis {
  public:
    /// The reply to a command, as it goes over the wire; `silence`: none; `hang_up`: closes.
    using Answer = std::function<std::string(const Words&)>;
    static constexpr const char* silence = "";
    static constexpr const char* hang_up = "hang up";

    explicit FakeRedis(Answer answer);
    ~FakeRedis();
    FakeRedis(const FakeRedis&) = delete;
    FakeRedis& operator=(const FakeRedis&) = delete;

    [[nodiscard]] const RedisAddress& address() const { return address_; }
    /// Commands that arrived so far.
    [[nodiscard]] int asked() const { return asked_; }

  private:
    void serve();
    void serve_connection(int connection);

    Answer answer_;
    faultline::UniqueFd listener_;
    faultline::UniqueFd stop_;
    RedisAddress address_;
    std::atomic<int> asked_{0};
    std::thread thread_;
};

/// A port where nobody listens.
[[nodiscard]] RedisAddress nobodys_address();

}  // namespace kvnode::client
