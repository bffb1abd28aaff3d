// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faultline::reports {

// The shapes that the parts of a page share. What is called html is markup already; what is called
// text is escaped here.

using HtmlRow = std::vector<std::string>;

struct HtmlTable {
    std::string caption;  // text, for screen readers
    HtmlRow head;         // html
    std::vector<HtmlRow> rows{};
};
/// The first cell of each row is its heading.
[[nodiscard]] std::string html_table(const HtmlTable& table);

/// A section with its heading, that links can point at.
[[nodiscard]] std::string html_section(std::string_view id,
                                       std::string_view title,
                                       const std::string& html);

[[nodiscard]] std::string html_paragraph(std::string_view text);
[[nodiscard]] std::string html_code(std::string_view text);
/// Several lines, kept as they are.
[[nodiscard]] std::string html_block(std::string_view text);
/// Folded away until opened.
[[nodiscard]] std::string html_details(std::string_view summary_text, const std::string& html);
/// "pass" in the colour of passing, and so on; always with its word.
[[nodiscard]] std::string html_verdict(std::string_view verdict);
/// Where the script draws a chart: the frame is empty without it. Shape: `title` and `about` are
/// texts; `about` says what is seen and how it was made.
struct HtmlChart {
    std::string_view id;
    std::string_view title;
    std::string about;
};
[[nodiscard]] std::string html_chart(const HtmlChart& chart);

}  // namespace faultline::reports
