// SPDX-License-Identifier: Apache-2.0
#include "reports/html/page.hpp"

#include <fmt/format.h>

#include "reports/html/assets.hpp"

namespace faultline::reports {
namespace {

/// What is inline may run and style; nothing is fetched, framed or sent anywhere else.
/// Source: Content Security Policy Level 3.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'self'; base-uri 'none'";

/// JSON as it may stand in a script element: an end tag can only be inside of a string, where the
/// escape means the same. Source: HTML Living Standard, section 4.12.1.3.
std::string json_in_script(std::string_view json) {
    std::string text;
    text.reserve(json.size() + json.size() / 64);
    for (const char letter : json) {
        if (letter == '<') {
            text += "\\u003c";
        } else {
            text += letter;
        }
    }
    return text;
}

}  // namespace

std::string html_page(const Page& page) {
    const std::string data = json_in_script(page.data);
    const std::string_view library = page.charts ? chart_library() : std::string_view{};
    std::string text;
    text.reserve(page.content.size() + data.size() + library.size() + page.script.size() +
                 page_style().size() + 2048);
    text += "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    text += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}{}\">\n",
                        policy,
                        page.connects ? "; connect-src 'self'" : "");
    text += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    text += "<meta name=\"color-scheme\" content=\"light dark\">\n";
    text += fmt::format("<title>{}</title>\n<style>\n", html_text(page.title));
    text += page_style();
    text += page.style;
    text += "</style>\n</head>\n<body>\n<main id=\"main\">\n";
    text += page.content;
    text += "\n</main>\n";
    if (!data.empty()) {
        text += "<script type=\"application/json\" id=\"data\">" + data + "</script>\n";
    }
    if (!library.empty()) {
        text += "<script>\n";
        text += library;
        text += "</script>\n";
    }
    if (!page.script.empty()) text += "<script>\n" + page.script + "</script>\n";
    text += "</body>\n</html>\n";
    return text;
}

std::string html_text(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char letter : text) {
        switch (letter) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += letter;
        }
    }
    return result;
}

}  // namespace faultline::reports
