// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"
#include "harness/run/trial.hpp"
#include "harness/scenario/model.hpp"

namespace faultline::cli {

/// `faultline run --metrics-port N`: GET /metrics on loopback while runs are under way, on a thread
/// of its own. Ends with the object.
/// Thread: any, one call at a time.
class LiveMetrics {
  public:
    /// Errors: the port is taken.
    [[nodiscard]] static Result<std::unique_ptr<LiveMetrics>> start(std::uint16_t port);
    ~LiveMetrics();
    LiveMetrics(const LiveMetrics&) = delete;
    LiveMetrics& operator=(const LiveMetrics&) = delete;

    /// "http://127.0.0.1:9100/metrics".
    [[nodiscard]] std::string url() const;

    /// The figures are this run's from now on.
    void begin(const Scenario& scenario, const std::string& run);
    void progress(const TrialProgress& progress);
    void trial_done(const TrialRecord& trial, int done, int asked);

  private:
    struct State;
    explicit LiveMetrics(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace faultline::cli
