// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::testing {

/// A file of the tree as the rules see it. Shape: path from the root of the project, with slashes.
struct SourceFile {
    std::string path;
    std::string text;
};

/// The text files that the project consists of: no build trees, results or version control.
[[nodiscard]] std::vector<SourceFile> project_files(const std::filesystem::path& root);

/// Every break of the rules in one file, as "path:line: what is wrong".
using Findings = std::vector<std::string>;

/// The arrows of the house: base <- scenario <- timeline <- {launch, load, inject, observe} <-
/// measure
/// <- judge <- result <- run <- cli; the four in braces never include each other; reports see
/// result and what lies under it; targets see base and the headers to embed; harness never sees
/// targets or reports, except that cli does see reports; nothing but tests includes tests.
[[nodiscard]] Findings check_arrows(const SourceFile& file);

/// `#pragma once` in headers, the SPDX line first in every source.
[[nodiscard]] Findings check_headers(const SourceFile& file);

/// A source includes its own header before anything else, so that compiling it proves that the
/// header compiles alone. `has_header`: whether the header lies beside it.
[[nodiscard]] Findings check_own_header_first(const SourceFile& file, bool has_header);

/// No path that exists on one machine only: where the project lies there, or root's home.
[[nodiscard]] Findings check_paths(const SourceFile& file);

}  // namespace faultline::testing
