// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "harness/measure/injection_measures.hpp"

namespace faultline {

/// The operations of a trial whose fate says something about the target, and until when they tell.
struct ObservedOperations {
    const OperationLog& log;
    std::size_t count = 0;  // log[0, count)
    Instant until{};        // windows that end after this were not fully observed

    [[nodiscard]] Instant intended(std::size_t index) const {
        return instant_of(log[index].intended_ns);
    }
    /// The first index intended at or after `when`, or `count`.
    [[nodiscard]] std::size_t first_from(Instant when) const;
};

[[nodiscard]] ObservedOperations observe_operations(const Scenario& scenario,
                                                    const Timeline& timeline);

/// Whether `good` of `all` operations reach the share a condition asks for. Requires: all > 0.
[[nodiscard]] bool reaches(const ConditionSpec& condition, std::size_t good, std::size_t all);

/// The good operations in [first, first + for], for a `first` that only moves forward: linear in
/// all.
class SlidingWindow {
  public:
    SlidingWindow(const ObservedOperations& operations,
                  const ConditionSpec& condition,
                  std::size_t first)
        : operations_(operations), condition_(condition), first_(first), end_(first) {}

    /// Moves the start to operation `first`. Requires: not before the last one.
    void move_to(std::size_t first);
    [[nodiscard]] bool holds() const { return reaches(condition_, good_, end_ - first_); }
    [[nodiscard]] bool starts_good() const { return is_good(operations_.log[first_], condition_); }
    /// One beyond the last operation of the window.
    [[nodiscard]] std::size_t end() const { return end_; }

  private:
    const ObservedOperations& operations_;
    const ConditionSpec& condition_;
    std::size_t first_;
    std::size_t end_;
    std::size_t good_ = 0;
};

/// One injection among the others of its trial.
struct InjectionView {
    const Scenario& scenario;
    const Timeline& timeline;
    const ObservedOperations& operations;
    const Injection& injection;
    Instant next;  // t0 of the injection after it, or the end of the trial

    [[nodiscard]] Instant t0() const { return injection.at(); }
};

/// When an event happened. A log line's clock may run ahead; nothing is known before it happens.
[[nodiscard]] Instant happened_at(const Event& event);

void measure_detection(const InjectionView& view, InjectionMeasures& measures);
void measure_recovery(const InjectionView& view, InjectionMeasures& measures);
void measure_downtime(const InjectionView& view, InjectionMeasures& measures);
void measure_success(const InjectionView& view, InjectionMeasures& measures);
/// Requires: detection and recovery were measured.
void measure_stages(const InjectionView& view, InjectionMeasures& measures);

void count_false_detections(const Timeline& timeline, bool control, TrialMeasures& measures);

}  // namespace faultline
