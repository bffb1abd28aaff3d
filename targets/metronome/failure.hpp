// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "harness/base/random.hpp"
#include "targets/metronome/chronicle.hpp"
#include "targets/metronome/poller.hpp"
#include "targets/metronome/settings.hpp"
#include "targets/metronome/state.hpp"

namespace metronome {

/// The beat of a single metronome:
///
///   trigger ──delay──► failed ──detect_after──► detected
///                         └─────────lasts─────────────────► recovered
///
/// A trigger during a failure is ignored; one after it starts the next failure, with the next draw.
class Failure {
  public:
    /// `changed` is called right after `state.failing` changed.
    Failure(FailurePlan plan,
            std::uint64_t seed,
            Poller& poller,
            State& state,
            Chronicle& chronicle,
            std::function<void()> changed);

    /// The service is ready: the clock starts, unless a signal is to start it.
    void on_ready(faultline::Instant at);
    /// The signal came.
    void on_trigger(faultline::Instant at);

  private:
    void fail(faultline::Instant planned);
    void announce(faultline::Instant planned);
    void recover(faultline::Instant planned);

    FailurePlan plan_;
    faultline::Random random_;
    Poller& poller_;
    State& state_;
    Chronicle& chronicle_;
    std::function<void()> changed_;
    bool scheduled_ = false;  // from the trigger to the recovery
};

}  // namespace metronome
