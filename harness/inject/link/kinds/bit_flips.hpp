// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/random.hpp"

namespace faultline::link {

/// Flips bits of a stream, each with the same probability on its own. Which ones depends on the
/// seed and the bit's place in the stream alone: the gaps between flips are drawn, not the bits.
class BitFlips {
  public:
    /// Requires: 0 < share <= 1.
    BitFlips(double share, Random random);

    /// The next bytes of the stream. Returns how many bits were flipped in them.
    [[nodiscard]] std::uint64_t apply(std::string& bytes);

  private:
    [[nodiscard]] std::uint64_t gap();

    double log_spared_;  // log(1 - share)
    Random random_;
    std::uint64_t until_next_;  // bits of the stream before the next flip
};

}  // namespace faultline::link
