// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faultline::reports {

// Text that Markdown (GitHub's, with tables) shows as it is, whatever it holds.
// Source: GitHub Flavored Markdown 0.29.

/// Anywhere in a paragraph or a table cell.
[[nodiscard]] std::string markdown_text(std::string_view text);

/// As inline code in a table cell. An empty text stays empty.
[[nodiscard]] std::string markdown_code(std::string_view text);

/// A fenced block that no content can end. `text` may have several lines.
[[nodiscard]] std::string markdown_block(std::string_view language, std::string_view text);

/// Rows of cells that are Markdown already. Shape: the first row is the head.
[[nodiscard]] std::string markdown_table(const std::vector<std::vector<std::string>>& rows);

/// Folded away until opened.
[[nodiscard]] std::string markdown_details(std::string_view summary, const std::string& content);

}  // namespace faultline::reports
