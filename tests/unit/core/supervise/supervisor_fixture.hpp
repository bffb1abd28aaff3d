// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/core/supervise/supervisor.hpp"

namespace ftcore {

using namespace std::chrono_literals;

/// A supervisor whose children obey at once, in virtual time; what was asked of the outside is kept
/// as words: "start a", "stop a", "kill a", "finish".
class SupervisorTest : public ::testing::Test {
  protected:
    using Words = std::vector<std::string>;

    void supervise(SupervisorSettings settings, std::vector<ChildSpec> children);
    /// Three permanent children a, b, c.
    void supervise_abc(RestartStrategy strategy);

    void crash(const std::string& child, const std::string& detail = "signal 9");
    void end_normally(const std::string& child);
    void beat(const std::string& child);
    void stop();
    /// Lets time pass, with a tick at every deadline.
    void advance(Duration span);
    /// Lets time pass in which the supervisor does not run.
    void sleep_through(Duration span);

    /// What was asked since the last time.
    [[nodiscard]] Words asked() { return std::exchange(asked_, {}); }
    /// What was told since the last time, as "name about" plus what tells them apart.
    [[nodiscard]] Words told();
    [[nodiscard]] ChildState state_of(const std::string& child) const;
    [[nodiscard]] std::size_t index_of(const std::string& child) const;

    Instant now_{1h};
    Supervisor supervisor_{{}, {}};
    bool stops_ = true;   // children end when asked to
    bool starts_ = true;  // and begin

  private:
    void obey();
    Words asked_;
    std::vector<SupervisorEvent> told_;
};

/// A child with nothing special.
[[nodiscard]] ChildSpec child_named(const std::string& name, Restart restart = Restart::permanent);

}  // namespace ftcore
