// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>

#include "targets/core/types.hpp"

namespace ftcore {

/// How long the log was when it reached an index: tells how much of it lies behind a snapshot, to
/// within one sample.
class LogLength {
  public:
    /// `bytes` more were written, which end with `last`.
    void grow(Index last, std::size_t bytes) {
        total_ += bytes;
        if (samples_.empty() || total_ - samples_.back().total >= sample_bytes) {
            samples_.push_back({last, total_});
        }
    }
    /// Nothing of what was written counts any more.
    void clear() {
        samples_.clear();
        start_ = total_;
    }
    /// Bytes behind `index`, which never falls from call to call.
    [[nodiscard]] std::size_t behind(Index index) {
        while (!samples_.empty() && samples_.front().last <= index) {
            start_ = samples_.front().total;
            samples_.pop_front();
        }
        return total_ - start_;
    }

  private:
    static constexpr std::size_t sample_bytes = std::size_t{64} << 10;
    struct Sample {
        Index last;
        std::size_t total;
    };
    std::deque<Sample> samples_{};
    std::size_t start_ = 0;
    std::size_t total_ = 0;
};

}  // namespace ftcore
