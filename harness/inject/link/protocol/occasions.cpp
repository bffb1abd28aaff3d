// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/occasions.hpp"

namespace faultline::link {

bool Occasions::next(Random& random) {
    if (how_often_.first > 0 && struck_ == how_often_.first) return false;
    const std::uint64_t index = seen_++;
    if (index < how_often_.after) return false;
    if ((index - how_often_.after) % how_often_.every != how_often_.every - 1) return false;
    if (how_often_.probability < 1 && !(random.uniform() < how_often_.probability)) return false;
    ++struck_;
    return true;
}

}  // namespace faultline::link
