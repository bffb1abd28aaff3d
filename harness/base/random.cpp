// SPDX-License-Identifier: Apache-2.0
#include "harness/base/random.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <sys/random.h>

#include "harness/base/check.hpp"
#include "harness/base/time.hpp"

namespace faultline {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) : seed_(seed) {
    for (auto& word : state_)
        word = splitmix(seed);
}

std::uint64_t Random::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Random::uniform() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::uint64_t Random::below(std::uint64_t bound) {
    FL_CHECK(bound > 0);
    // Rejection keeps every value equally likely; fewer than two draws on average.
    const std::uint64_t limit = -bound % bound;
    for (;;) {
        const std::uint64_t draw = next();
        if (draw >= limit) return draw % bound;
    }
}

double Random::exponential(double mean) {
    return -mean * std::log1p(-uniform());
}

double Random::normal() {
    const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

Random Random::fork(std::string_view label, std::uint64_t index) const {
    std::uint64_t hash = seed_ ^ 0xCBF29CE484222325U;
    for (const char c : label)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    std::uint64_t mixed = hash + index * 0x9E3779B97F4A7C15U;
    return Random(splitmix(mixed));
}

std::uint64_t fresh_seed() {
    std::uint64_t seed = 0;
    if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
        seed = static_cast<std::uint64_t>(nanoseconds_of(now()));
    }
    // Seeds are printed and typed again by people, and JSON readers lose precision above 2^53.
    return seed >> 12;
}

}  // namespace faultline
