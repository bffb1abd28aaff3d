// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/bit_flips.hpp"

#include <cmath>

#include "harness/base/check.hpp"

namespace faultline::link {

BitFlips::BitFlips(double share, Random random) : log_spared_(std::log1p(-share)), random_(random) {
    FL_CHECK(share > 0);
    FL_CHECK_OP(<=, share, 1);
    until_next_ = gap();
}

std::uint64_t BitFlips::apply(std::string& bytes) {
    const std::uint64_t bits = std::uint64_t{8} * bytes.size();
    std::uint64_t flipped = 0;
    std::uint64_t place = until_next_;
    while (place < bits) {
        char& byte = bytes[place / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (place % 8)));
        ++flipped;
        place += 1 + gap();
    }
    until_next_ = place - bits;
    return flipped;
}

/// Geometric: how many bits in a row are spared.
std::uint64_t BitFlips::gap() {
    constexpr double longest = 0x1p62;
    const double drawn = std::floor(std::log1p(-random_.uniform()) / log_spared_);
    return static_cast<std::uint64_t>(std::fmin(drawn, longest));
}

}  // namespace faultline::link
