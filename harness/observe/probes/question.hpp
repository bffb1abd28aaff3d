// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/base/loop.hpp"
#include "harness/observe/probe.hpp"

namespace faultline {

/// What all probes have in common: one question at a time, answered exactly once, at its timeout at
/// the latest. Each question has a number, so that a handler that comes late knows it is not asked
/// any more.
/// Thread: the loop's.
class Question {
  public:
    Question(Loop& loop, Duration timeout) : loop_(loop), timeout_(timeout) {}

    /// At the timeout `give_up` is called to stop the I/O, then the answer is an error.
    /// Requires: none is open.
    void open(std::function<void(ProbeAnswer)> answer, std::function<void()> give_up);
    [[nodiscard]] bool is_open() const { return static_cast<bool>(answer_); }
    [[nodiscard]] bool is_open(std::uint64_t number) const {
        return is_open() && number_ == number;
    }
    [[nodiscard]] std::uint64_t number() const { return number_; }

    /// Answers. The callback may destroy the probe with this in it: touch nothing afterwards.
    void answer(ProbeAnswer answer);
    void answer_value(std::string value) { answer({.ok = true, .value = std::move(value)}); }
    void answer_error(std::string error) { answer({.error = std::move(error)}); }
    /// Closes it without an answer: the probe goes away.
    void abandon();

  private:
    Loop& loop_;
    Duration timeout_;
    std::uint64_t number_ = 0;
    Instant asked_{};
    std::function<void(ProbeAnswer)> answer_;
    Timer timer_;
};

}  // namespace faultline
