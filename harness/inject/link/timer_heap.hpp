// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "harness/base/time.hpp"

namespace faultline::link {

/// Something with one instant at which it wants to be called.
class Timed {
  public:
    Timed() = default;
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;
    virtual ~Timed() = default;
    virtual void on_time(Instant now) = 0;

  private:
    friend class TimerHeap;
    static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
    Instant due_ = Instant::max();
    std::size_t place_ = nowhere;  // in the heap
};

/// Who is due when: a binary heap whose entries know their place, so that moving one is cheap.
/// Thread: one.
class TimerHeap {
  public:
    /// `Instant::max()`: not at all. Requires: an entry is set to that before it goes.
    void set(Timed& timed, Instant due);
    /// `Instant::max()` when nothing is waited for.
    [[nodiscard]] Instant next() const { return heap_.empty() ? Instant::max() : heap_[0]->due_; }
    /// Takes out the first that is due, or returns null.
    [[nodiscard]] Timed* take_due(Instant now);
    [[nodiscard]] std::size_t size() const { return heap_.size(); }

  private:
    void place(Timed* timed, std::size_t at);
    void rise(std::size_t at);
    void sink(std::size_t at);
    void remove(std::size_t at);

    std::vector<Timed*> heap_;
};

}  // namespace faultline::link
