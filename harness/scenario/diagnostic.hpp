// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace faultline {

/// One mistake in a scenario, with its place. Shape: line and column from 1, columns in code
/// points; 0 when the whole file is meant.
struct Diagnostic {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string pointer;  // JSON pointer (RFC 6901)
    std::string message;  // the reason and the remedy
};

/// "scenarios/a.json:12:7: /faults/0/fault: unknown fault \"process.crush\"; did you mean ...?"
[[nodiscard]] std::string format_diagnostic(const Diagnostic& diagnostic);

using Diagnostics = std::vector<Diagnostic>;

}  // namespace faultline
