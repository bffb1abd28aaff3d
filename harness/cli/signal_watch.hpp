// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <thread>

#include "harness/run/interruption.hpp"

namespace faultline::cli {

/// Turns SIGINT, SIGTERM and SIGHUP into an orderly end, on a thread of its own.
/// Requires: made before any other thread, so that all of them inherit the blocked signals.
class SignalWatch {
  public:
    explicit SignalWatch(Interruption& interruption);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

  private:
    void watch(Interruption& interruption);
    sigset_t signals_{};
    std::thread thread_;
};

}  // namespace faultline::cli
