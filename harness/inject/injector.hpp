// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline {

/// What happened at the moment of firing.
struct Firing {
    Instant planned;
    Instant call_begin;
    Instant call_end;
    Result<> result;
};

/// Fires prepared actions at absolute instants from a thread of its own: it sleeps until 100 us
/// before, spins the rest, and brackets the call by two clock reads. SCHED_FIFO where permitted,
/// with RLIMIT_RTTIME as a fuse; else the highest priority it may have.
/// Measured lateness: `faultline calibrate`.
class Injector {
  public:
    Injector();
    ~Injector();  // fires nothing more
    Injector(const Injector&) = delete;
    Injector& operator=(const Injector&) = delete;

    /// Arms `action` for `when`; `done` is called on the injector's thread right after it.
    /// Several may be armed; equal instants fire in the order they were armed.
    void arm(Instant when, std::function<Result<>()> action, std::function<void(Firing)> done);

    /// "SCHED_FIFO", "nice -20", "SCHED_OTHER": what the machine allowed.
    [[nodiscard]] std::string scheduling() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace faultline
