// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace faultline::link {

/// What this process uses. 0 where the machine does not say.
struct ProcessFigures {
    double cpu_seconds = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t descriptors_max = 0;
    std::uint64_t threads = 0;
};

/// Source: getrusage(2), proc(5).
[[nodiscard]] ProcessFigures read_process_figures();

}  // namespace faultline::link
