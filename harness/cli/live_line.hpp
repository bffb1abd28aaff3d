// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/base/time.hpp"
#include "harness/cli/console.hpp"
#include "harness/run/trial.hpp"

namespace faultline::cli {

/// What is seen while trials run: on a terminal one line that is drawn over, elsewhere a plain line
/// per trial. Thread: calls come one at a time.
class LiveLine {
  public:
    explicit LiveLine(Console console) : console_(console), begin_(now()) {}
    ~LiveLine() { erase(); }
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;

    void show(const TrialProgress& progress);
    void trial_done(const TrialRecord& trial, int done, int asked);
    void erase();

  private:
    Console console_;
    Instant begin_;
    Instant last_drawn_{};
    int done_ = 0;
    int done_before_ = -1;  // trials of a resumed run that were there already
    int asked_ = 0;
    bool drawn_ = false;
};

}  // namespace faultline::cli
