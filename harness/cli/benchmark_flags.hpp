// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline::cli {

/// Whether the words are flags of Google Benchmark with values it takes. It would ignore some
/// mistakes and end the process on others; here each is an error.
/// Errors: `invalid`, with the flag that was probably meant or the values there are.
/// Source: Google Benchmark 1.7.1, src/benchmark.cc.
[[nodiscard]] Result<> check_benchmark_flags(const std::vector<std::string>& words);

/// The value of a flag among the words, of the last one as for Google Benchmark; `standard`
/// without.
[[nodiscard]] std::string benchmark_flag(const std::vector<std::string>& words,
                                         const std::string& name,
                                         const std::string& standard);

}  // namespace faultline::cli
