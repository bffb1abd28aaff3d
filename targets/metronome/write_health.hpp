// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/metronome/chronicle.hpp"

namespace metronome {

/// Notices, at the very write, when the store begins to refuse and when it works again, and says so
/// with the cause: the ground truth for faults in the code.
class WriteHealth {
  public:
    explicit WriteHealth(Chronicle& chronicle) : chronicle_(chronicle) {}

    /// A write was carried out (0) or failed with this errno.
    void note(int error);

  private:
    Chronicle& chronicle_;
    bool failing_ = false;
};

}  // namespace metronome
