// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "targets/core/detect/failure_detector.hpp"

namespace ftcore {

struct CarefulSettings {
    Duration floor = std::chrono::milliseconds(40);  // no silence shorter than this is doubted
    double floor_beats = 4;                          // nor one shorter than so many intervals
    double lag_factor = 2;  // nor one shorter than an interval and so many times the recent lag
    Duration ceiling = std::chrono::milliseconds(150);  // whatever the inner detector has learnt
    Duration confirm = std::chrono::milliseconds(5);    // from doubt to suspicion
};

/// Makes an adaptive detector fit for machines whose cores are all busy, where a beat may be late
/// by a scheduler's turn or two at either end. Its timeout, counted from the last arrival, is the
/// largest of
///
///   floor │ floor_beats · interval │ interval + lag_factor · recent lag │ what the inner one
///   learnt
///
/// but not above the ceiling (or floor_beats intervals). Then it doubts; after `confirm` more
/// silence, in which the peer can be asked another way, it suspects. Meant to be driven with
/// `OwnTime`, so that silence this node slept through does not count.
class CarefulDetector final : public FailureDetector {
  public:
    CarefulDetector(CarefulSettings settings, std::unique_ptr<FailureDetector> inner);

    /// The inner detector's name: it decides once the silence is beyond the floor.
    [[nodiscard]] std::string_view name() const override { return inner_->name(); }

    /// The worst lateness lately, of this node's loop or of the sender's.
    void widen(Duration lag) { lag_ = lag; }

    void arrived(Instant now, std::uint64_t sequence, Duration interval) override;
    [[nodiscard]] Assessment assess(Instant now) const override;
    [[nodiscard]] Instant deadline() const override;
    void reset(Instant now) override;

    /// From when on it doubts if nothing more arrives.
    [[nodiscard]] Instant doubt_deadline() const;
    [[nodiscard]] Duration timeout() const;

  private:
    CarefulSettings settings_;
    std::unique_ptr<FailureDetector> inner_;
    Duration interval_{};
    Duration lag_{};
    std::optional<Instant> last_{};
};

}  // namespace ftcore
