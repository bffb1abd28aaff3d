// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "harness/base/time.hpp"

namespace boost::asio {
class io_context;
}

namespace faultline {

/// Calls back once, at or after an instant, unless destroyed or cancelled before.
/// Thread: the loop's.
class Timer {
  public:
    Timer();
    Timer(Timer&&) noexcept;
    Timer& operator=(Timer&&) noexcept;
    ~Timer();
    void cancel();

  private:
    friend class Loop;
    struct State;
    std::unique_ptr<State> state_;
};

/// The event loop of one trial: everything that waits (exits, log lines, datagrams, probes) waits
/// here, and the trial's own steps read top to bottom as `wait_until(deadline, condition)`.
/// Thread: one, the trial's; only `post` and `interrupt` may be called from others.
class Loop {
  public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] boost::asio::io_context& context();

    /// Handles events until `condition` holds (checked after each event), `deadline` passes or
    /// `interrupt` was called. Returns whether `condition` holds.
    bool wait_until(Instant deadline, const std::function<bool()>& condition);
    /// Handles events until `deadline` or `interrupt`.
    void run_until(Instant deadline);

    [[nodiscard]] Timer call_at(Instant when, std::function<void()> action);

    /// Runs `action` on the loop's thread, soon.
    void post(std::function<void()> action);

    /// Makes every wait return at once, now and later (Ctrl-C); `interrupted` then says so.
    void interrupt();
    [[nodiscard]] bool interrupted() const;
    /// Lets waits wait again after an interrupt, for the orderly teardown.
    void resume_after_interrupt();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace faultline
