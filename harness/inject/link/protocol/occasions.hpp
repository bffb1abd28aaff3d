// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/base/random.hpp"

namespace faultline::link {

/// How often: of the matching requests after the first `after`, every `every`-th is drawn with
/// `probability`, and the fault strikes those that are drawn, at most `first` of them. Counted over
/// all connections of a fault, as code.error counts hits.
struct HowOften {
    std::uint64_t after = 0;
    std::uint64_t every = 1;  // at least 1: 3 means the third, the sixth, ...
    double probability = 1;
    std::uint64_t first = 0;  // 0: without limit
};

class Occasions {
  public:
    explicit Occasions(HowOften how_often) : how_often_(how_often) {}
    /// Whether the next matching request is struck. `random`: its connection's.
    [[nodiscard]] bool next(Random& random);

  private:
    HowOften how_often_;
    std::uint64_t seen_ = 0;
    std::uint64_t struck_ = 0;
};

}  // namespace faultline::link
