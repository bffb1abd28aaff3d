// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown_text.hpp"

#include <algorithm>

#include "reports/plain.hpp"

namespace faultline::reports {
namespace {

std::size_t longest_run_of_backticks(std::string_view text) {
    std::size_t longest = 0, run = 0;
    for (const char letter : text) {
        run = letter == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

}  // namespace

std::string markdown_text(std::string_view text) {
    constexpr std::string_view special = "\\`*_{}[]()#+!|~$";
    std::string result;
    for (const char letter : plain(text)) {
        if (letter == '<') {
            result += "&lt;";
        } else if (letter == '>') {
            result += "&gt;";
        } else if (letter == '&') {
            result += "&amp;";
        } else if (letter == '@') {
            result += "&#64;";  // no mention of a stranger on a CI page
        } else {
            if (special.find(letter) != std::string_view::npos) result += '\\';
            result += letter;
        }
    }
    return result;
}

std::string markdown_code(std::string_view text) {
    const std::string content = plain(text);
    if (content.empty()) return "";
    const std::string fence(longest_run_of_backticks(content) + 1, '`');
    const bool pad = content.front() == '`' || content.back() == '`';
    std::string result = fence + (pad ? " " : "");
    for (const char letter : content) {
        if (letter == '|') result += '\\';  // tables split at bars even inside code
        result += letter;
    }
    return result + (pad ? " " : "") + fence;
}

std::string markdown_block(std::string_view language, std::string_view text) {
    const std::string fence(std::max<std::size_t>(3, longest_run_of_backticks(text) + 1), '`');
    std::string result = fence + std::string(language) + "\n" + std::string(text);
    if (!result.ends_with('\n')) result += '\n';
    return result + fence + "\n";
}

std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
    std::string text;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        text += '|';
        for (const std::string& cell : rows[row])
            text += " " + cell + " |";
        text += '\n';
        if (row > 0) continue;
        text += '|';
        for (std::size_t column = 0; column < rows[row].size(); ++column)
            text += " --- |";
        text += '\n';
    }
    return text;
}

std::string markdown_details(std::string_view summary, const std::string& content) {
    // The empty lines make Markdown of what is between the HTML.
    return "<details>\n<summary>" + markdown_text(summary) + "</summary>\n\n" + content +
           "\n</details>\n";
}

}  // namespace faultline::reports
