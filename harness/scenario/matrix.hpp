// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/scenario/document.hpp"
#include "harness/scenario/mistakes.hpp"

namespace faultline {

/// More cases than this in one file are a mistake of the hand.
inline constexpr std::size_t matrix_cases_max = 1000;
/// Every case is a document of its own; all together have at most this many values.
inline constexpr std::size_t matrix_nodes_max = 2'000'000;

/// One point of the matrix: the document with every `${param.x}` replaced.
struct MatrixCase {
    std::map<std::string, std::string> parameters{};  // as texts
    Node document;                                    // "parameters" holds this case's values
};

/// Applies `--set` to the merged document and spans the matrix of its "parameters", the last
/// varying fastest. Errors: into `mistakes`; what can be decoded is returned all the same, so that
/// mistakes elsewhere are found in the same go.
[[nodiscard]] std::vector<MatrixCase> span_matrix(Node document,
                                                  const std::map<std::string, std::string>& set,
                                                  Mistakes& mistakes);

}  // namespace faultline
