// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace faultline {

/// The only source of randomness: xoshiro256** seeded through splitmix64, so a seed gives the same
/// draws on every machine and with every standard library.
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021).
/// Thread: one owner; give each thread its own `fork`.
class Random {
  public:
    explicit Random(std::uint64_t seed);

    /// 64 uniform bits.
    std::uint64_t next();
    /// Uniform in [0, 1).
    double uniform();
    /// Uniform in [0, bound). Requires: bound > 0.
    std::uint64_t below(std::uint64_t bound);
    /// Exponential with the given mean.
    double exponential(double mean);
    /// Standard normal.
    double normal();

    /// An independent stream named by `label` and `index`; does not advance this one.
    [[nodiscard]] Random fork(std::string_view label, std::uint64_t index = 0) const;

    /// The seed this stream was made from.
    [[nodiscard]] std::uint64_t seed() const { return seed_; }

  private:
    std::uint64_t seed_;
    std::array<std::uint64_t, 4> state_{};
};

/// A seed nobody chose, from the kernel.
[[nodiscard]] std::uint64_t fresh_seed();

}  // namespace faultline
