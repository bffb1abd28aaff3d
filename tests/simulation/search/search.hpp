// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "tests/simulation/world/world.hpp"

namespace ftcore::simulation {

struct SearchSettings {
    std::uint64_t first = 1;
    std::uint64_t last = 1;  // inclusive
    Wanted wanted{};
    unsigned jobs = 1;
    bool keep_going = false;  // after a failure
    /// No more seeds are begun after this time; zero: all are run.
    Duration time_max{};
};

struct SearchResult {
    std::uint64_t seeds = 0;
    Counts counts{};
    std::vector<Report> failures{};
    Duration took{};
};

/// Runs one seed, in this process.
[[nodiscard]] Report run_seed(std::uint64_t seed,
                              const Wanted& wanted,
                              std::FILE* trace_out = nullptr);

/// Runs seeds in worker processes, so that an abort of the code under test is a failure like any
/// other. `progress` is called about once a second.
/// Errors: processes or pipes are not to be had.
[[nodiscard]] Result<SearchResult> search(const SearchSettings& settings,
                                          const std::function<void(const SearchResult&)>& progress);

}  // namespace ftcore::simulation
