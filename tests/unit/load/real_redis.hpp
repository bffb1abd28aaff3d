// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/load/load.hpp"

namespace faultline::test {

/// A redis-server of its own, in a folder of its own, gone with this object.
class RealRedis {
  public:
    /// Empty: redis-server is not installed or did not come up.
    [[nodiscard]] static std::optional<RealRedis> start(std::vector<std::string> options = {});
    RealRedis(RealRedis&& other) noexcept;
    RealRedis& operator=(RealRedis&&) = delete;
    ~RealRedis();

    [[nodiscard]] Endpoint endpoint() const { return {"redis[0]", "127.0.0.1", port_}; }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Runs one command; the text of its answer, or "nil", or a number as text.
    std::string command(std::initializer_list<std::string_view> words) const;
    void signal(int number) const;

  private:
    RealRedis(pid_t pid, std::uint16_t port, std::string folder)
        : pid_(pid), port_(port), folder_(std::move(folder)) {}
    pid_t pid_;
    std::uint16_t port_;
    std::string folder_;
};

}  // namespace faultline::test
