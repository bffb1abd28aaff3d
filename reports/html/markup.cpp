// SPDX-License-Identifier: Apache-2.0
#include "reports/html/markup.hpp"

#include <fmt/format.h>

#include "reports/html/page.hpp"
#include "reports/plain.hpp"

namespace faultline::reports {
namespace {

/// "harness error" → "harness-error".
std::string class_name(std::string_view word) {
    std::string name;
    for (const char letter : word) {
        const bool small = letter >= 'a' && letter <= 'z';
        const bool capital = letter >= 'A' && letter <= 'Z';
        name += small ? letter : capital ? static_cast<char>(letter - 'A' + 'a') : '-';
    }
    return name;
}

}  // namespace

std::string html_table(const HtmlTable& table) {
    std::string html = fmt::format(
        "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\">\n"
        "<table>\n<caption class=\"unseen\">{0}</caption>\n<thead><tr>",
        html_text(plain(table.caption)));
    for (const std::string& cell : table.head)
        html += "<th scope=\"col\">" + cell + "</th>";
    html += "</tr></thead>\n<tbody>\n";
    for (const HtmlRow& row : table.rows) {
        html += "<tr>";
        for (std::size_t column = 0; column < row.size(); ++column) {
            html += column == 0 ? "<th scope=\"row\">" + row[column] + "</th>"
                                : "<td>" + row[column] + "</td>";
        }
        html += "</tr>\n";
    }
    return html + "</tbody>\n</table>\n</div>\n";
}

std::string html_section(std::string_view id, std::string_view title, const std::string& html) {
    return fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}"
        "</section>\n",
        id,
        html_text(title),
        html);
}

std::string html_paragraph(std::string_view text) {
    return "<p>" + html_text(plain(text)) + "</p>\n";
}

std::string html_code(std::string_view text) {
    return "<code>" + html_text(plain(text)) + "</code>";
}

std::string html_block(std::string_view text) {
    return "<pre tabindex=\"0\"><code>" + html_text(text) + "</code></pre>\n";
}

std::string html_details(std::string_view summary_text, const std::string& html) {
    return fmt::format(
        "<details>\n<summary>{}</summary>\n{}</details>\n", html_text(plain(summary_text)), html);
}

std::string html_verdict(std::string_view verdict) {
    return fmt::format(
        "<span class=\"badge is-{}\">{}</span>", class_name(verdict), html_text(verdict));
}

std::string html_chart(const HtmlChart& chart) {
    return fmt::format(
        "<figure class=\"chart\" id=\"{0}\">\n<figcaption><h3>{1}</h3><p>{2}</p></figcaption>\n"
        "<div class=\"drawing\" id=\"{0}-drawing\"></div>\n"
        "<details class=\"data\"><summary>Data of this chart</summary>"
        "<div class=\"rows\"></div></details>\n</figure>\n",
        chart.id,
        html_text(chart.title),
        html_text(plain(chart.about)));
}

}  // namespace faultline::reports
