// SPDX-License-Identifier: Apache-2.0
#include "reports/table.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t last_column_width_min = 20;  // narrower and words come apart

bool starts_code_point(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// The bytes of the first `columns` code points.
std::size_t bytes_of_columns(std::string_view text, std::size_t columns) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (!starts_code_point(text[at])) continue;
        if (columns == 0) break;
        --columns;
    }
    return at;
}

std::string padded(const Cell& cell, std::size_t width, Align align, bool colour) {
    const std::size_t taken = text_width(cell.text);
    const std::string blanks(width > taken ? width - taken : 0, ' ');
    const std::string text = coloured(cell.text, cell.colour, colour);
    return align == Align::left ? text + blanks : blanks + text;
}

void end_line(std::string& text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
}

}  // namespace

std::string coloured(std::string_view text, Colour colour, bool enabled) {
    const auto painted = [&](const char* code) {
        return enabled && !text.empty()
                   ? std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m"
                   : std::string(text);
    };
    switch (colour) {
        case Colour::none:
            break;
        case Colour::green:
            return painted("32");
        case Colour::red:
            return painted("31");
        case Colour::yellow:
            return painted("33");
        case Colour::bold:
            return painted("1");
        case Colour::faint:
            return painted("2");
    }
    return std::string(text);
}

std::size_t text_width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    FL_CHECK_OP(>, width, 0U);
    std::vector<std::string> lines;
    while (text_width(text) > width) {
        const std::size_t fits = bytes_of_columns(text, width);
        std::size_t cut = text[fits] == ' ' ? fits : text.substr(0, fits).rfind(' ');
        if (cut == std::string_view::npos || cut == 0) cut = fits;
        lines.emplace_back(text.substr(0, cut));
        text.remove_prefix(std::min(text.find_first_not_of(' ', cut), text.size()));
    }
    lines.emplace_back(text);
    return lines;
}

void Table::add(std::vector<Cell> row) {
    FL_CHECK_OP(<=, row.size(), columns_.size());
    rows_.push_back(std::move(row));
}

std::string Table::text(const TableLook& look) const {
    // A row's last cell does not widen its column: what follows is empty anyway.
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const auto& row : rows_) {
        for (std::size_t column = 0; column + 1 < row.size(); ++column) {
            widths[column] = std::max(widths[column], text_width(row[column].text));
        }
    }
    std::string text;
    for (const auto& row : rows_) {
        std::size_t at = look.indent;
        text.append(look.indent, ' ');
        for (std::size_t column = 0; column + 1 < row.size(); ++column) {
            text += padded(row[column], widths[column], columns_[column], look.colour);
            text.append(look.gap, ' ');
            at += widths[column] + look.gap;
        }
        if (!row.empty()) {
            const std::size_t room =
                std::max(look.width > at ? look.width - at : 0, last_column_width_min);
            const Cell& last = row.back();
            const std::vector<std::string> lines = wrapped(last.text, room);
            for (std::size_t line = 0; line < lines.size(); ++line) {
                if (line > 0) {
                    end_line(text);
                    text.append(at, ' ');
                }
                text += coloured(lines[line], last.colour, look.colour);
            }
        }
        end_line(text);
    }
    return text;
}

}  // namespace faultline::reports
