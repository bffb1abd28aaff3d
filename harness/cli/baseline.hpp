// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"
#include "harness/scenario/model.hpp"

namespace faultline::cli {

/// Trials that were run before, to compare with.
struct Baseline {
    RunRecord run;
    std::filesystem::path directory;
    std::size_t counted = 0;  // fault trials that count
};

/// The run of this scenario case in `path`, a result directory or a folder of them (the newest, and
/// of an earlier gate its head). Errors: none, with what is there; no trial that counts.
[[nodiscard]] Result<Baseline> find_baseline(const std::filesystem::path& path,
                                             const Scenario& scenario);

/// In what the baseline and a run of `scenario` here and now are not alike, one sentence each.
/// Errors: something that makes the comparison worthless, unless `anyway`.
[[nodiscard]] Result<std::vector<std::string>> check_alike(const Baseline& baseline,
                                                           const Scenario& scenario,
                                                           bool anyway);

}  // namespace faultline::cli
