// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "tests/simulation/world/clock.hpp"

namespace ftcore::simulation {

/// The course of a world: always a hash, and lines of text when somebody wants to read them. Two
/// runs of a seed are the same when their hashes are.
class Trace {
  public:
    /// `out`: where the lines go; null: only the hash is kept.
    explicit Trace(std::FILE* out = nullptr) : out_(out) {}

    /// One thing that happened. `first` and `second` mean what `what` says.
    void note(TrueTime time,
              NodeId node,
              std::string_view what,
              std::uint64_t first = 0,
              std::uint64_t second = 0);

    /// Whether `line` will be printed; composing one costs time.
    [[nodiscard]] bool wanted() const { return out_ != nullptr; }
    void line(TrueTime time, NodeId node, const std::string& text);

    [[nodiscard]] std::uint64_t hash() const { return hash_; }

  private:
    void mix(std::uint64_t value);

    std::FILE* out_;
    std::uint64_t hash_ = 0x243f6a8885a308d3;
};

}  // namespace ftcore::simulation
