// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/base/file.hpp"

namespace faultline::link {

/// A pipe, for splice(2). Everything put in must be taken out before it is given back.
struct Pipe {
    UniqueFd out;
    UniqueFd in;
    std::size_t capacity = 0;
};

/// The pipes of an engine: lent to the flows that carry bulk data while bytes are in them.
/// Thread: the engine's.
class PipePool {
  public:
    /// Nothing when enough are lent already or the kernel gives none: the caller copies instead.
    [[nodiscard]] std::optional<Pipe> borrow();
    void give_back(Pipe pipe);
    /// Forgets a pipe that still has bytes in it.
    void discard(Pipe pipe);

  private:
    std::vector<Pipe> idle_;
    std::size_t lent_ = 0;
};

}  // namespace faultline::link
