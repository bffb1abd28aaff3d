// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::reports {

enum class Colour { none, green, red, yellow, bold, faint };

/// `text` in a colour of the terminal, or as it is.
[[nodiscard]] std::string coloured(std::string_view text, Colour colour, bool enabled);

/// How many columns a text takes: one a code point, which is true of what reports say.
[[nodiscard]] std::size_t text_width(std::string_view text);

/// `text` in lines of at most `width` columns, broken at blanks; a longer word is broken inside.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

enum class Align { left, right };

struct Cell {
    std::string text{};
    Colour colour = Colour::none;
};

struct TableLook {
    std::size_t indent = 2;
    std::size_t gap = 3;      // blanks between columns
    std::size_t width = 100;  // of a line; the last column is wrapped to fit
    bool colour = false;
};

/// Rows of aligned columns, each as wide as its widest cell. A shorter row leaves its last columns
/// empty.
class Table {
  public:
    explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
    void add(std::vector<Cell> row);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// Shape: each line ends with a newline, none with blanks.
    [[nodiscard]] std::string text(const TableLook& look) const;

  private:
    std::vector<Align> columns_;
    std::vector<std::vector<Cell>> rows_{};
};

}  // namespace faultline::reports
