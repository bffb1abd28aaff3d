// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/base/loop.hpp"
#include "harness/observe/probe.hpp"

namespace faultline {

/// A TCP server on the test's own loop that answers what it is told: each piece that arrives is
/// given to `reply`; nothing is sent for "", and the connection is closed for nullopt.
class ScriptedServer {
  public:
    using Reply = std::function<std::optional<std::string>(const std::string& request)>;
    ScriptedServer(Loop& loop, Reply reply);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] int connections() const;  // accepted so far
    [[nodiscard]] int requests() const;
    void close_connections();
    void set_reply(Reply reply);

  private:
    struct State;
    std::shared_ptr<State> state_;  // kept alive by its handlers
};

/// A port that refuses connections.
[[nodiscard]] std::uint16_t refusing_port(Loop& loop);

/// Asks once and waits for the answer.
[[nodiscard]] ProbeAnswer ask(Loop& loop, Probe& probe);

}  // namespace faultline
