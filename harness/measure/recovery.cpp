// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/measure/observed.hpp"

namespace faultline {
namespace {

// Operations in order of intended start, x bad, o good; `for` is four arrivals:
//
//        t0                 g          g + for
//   o o o|o x x x o x x x x o o o o o o o
//           │     └ opens a window with bad ones in it: flapping, no recovery yet
//           └ first bad one; before it nothing can have recovered
//
// Recovery time = end of g − t0. An operation intended before t0 is no part of it, even when the
// fault cut it off in flight: it was asked of a healthy system, and counting it would make the
// measure depend on how many operations happened to be under way.
//
// With several injections each is measured from its own t0 to its own deadline, past the next one
// if need be: when two faults overlap, nobody can say which of them an operation failed of, and the
// longer answer is the one that does not flatter.
class Recovery {
  public:
    Recovery(const InjectionView& view, InjectionMeasures& measures)
        : view_(view),
          operations_(view.operations),
          condition_(view.scenario.recovery),
          deadline_(view.t0() + condition_.within),
          measures_(measures) {}

    void measure() {
        const Duration watched = operations_.until - condition_.window - view_.t0();
        measures_.observed_for = std::clamp(watched, Duration::zero(), condition_.within);

        const std::size_t begin = operations_.first_from(view_.t0());
        const std::size_t bad = first_bad_from(begin);
        if (bad == operations_.count) {
            const bool observed = begin < operations_.count && watched >= Duration::zero() &&
                                  operations_.intended(begin) <= deadline_;
            measures_.masked = observed;
            measures_.censored = !observed;
            if (observed) measures_.recovery_time = Duration::zero();
            return;
        }
        measures_.stages.first_bad = bad_seen_at(bad) - view_.t0();
        search(bad);
    }

  private:
    /// The first bad operation in [begin, deadline], or `count`.
    std::size_t first_bad_from(std::size_t begin) const {
        for (std::size_t i = begin; i < operations_.count; ++i) {
            if (operations_.intended(i) > deadline_) break;
            if (!is_good(operations_.log[i], condition_)) return i;
        }
        return operations_.count;
    }

    Instant bad_seen_at(std::size_t bad) const {
        const std::int64_t end = operations_.log[bad].end_ns;
        return end == 0 ? view_.timeline.end : instant_of(end);
    }

    void search(std::size_t bad) {
        SlidingWindow window(operations_, condition_, bad);
        for (std::size_t g = bad + 1; g < operations_.count; ++g) {
            const Instant intended = operations_.intended(g);
            if (intended > deadline_ || intended + condition_.window > operations_.until) break;
            window.move_to(g);
            // Ends are not in order: a later operation may have ended in time.
            if (instant_of(operations_.log[g].end_ns) > deadline_) continue;
            if (!window.starts_good() || !window.holds()) continue;
            recovered_at(g, window);
            return;
        }
        measures_.censored = true;
    }

    void recovered_at(std::size_t g, SlidingWindow& window) {
        measures_.recovery_time = instant_of(operations_.log[g].end_ns) - view_.t0();
        Duration gap = operations_.intended(g) - operations_.intended(g - 1);
        if (g + 1 < operations_.count) {
            gap = std::max(gap, operations_.intended(g + 1) - operations_.intended(g));
        }
        measures_.recovery_resolution = gap;
        measures_.relapsed = relapses_after(window);
    }

    /// Whether a whole window that a bad operation opens after recovery's own falls below the
    /// condition.
    bool relapses_after(SlidingWindow& window) const {
        const Instant until = std::min(operations_.until, view_.next);
        for (std::size_t i = window.end(); i < operations_.count; ++i) {
            if (operations_.intended(i) + condition_.window > until) return false;
            window.move_to(i);
            if (!window.starts_good() && !window.holds()) return true;
        }
        return false;
    }

    const InjectionView& view_;
    const ObservedOperations& operations_;
    const ConditionSpec& condition_;
    Instant deadline_;
    InjectionMeasures& measures_;
};

}  // namespace

void measure_recovery(const InjectionView& view, InjectionMeasures& measures) {
    if (!view.scenario.load) return;  // nobody asked the system for anything
    Recovery(view, measures).measure();
}

}  // namespace faultline
