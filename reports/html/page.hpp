// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace faultline::reports {

/// A whole HTML page that needs no network: the content goes into <main>, with the house's style
/// (light and dark, print), a policy that allows nothing but what is inline, and, when asked, the
/// chart library and `script` after it. Content must be escaped by `html_text`.
struct Page {
    std::string title;
    std::string content;
    std::string script{};  // own JavaScript; empty: a page without any
    std::string style{};   // own CSS after the house's
    std::string data{};  // JSON for the script, put into <script type="application/json" id="data">
    bool charts = false;    // include the chart library
    bool connects = false;  // the policy lets the script and forms talk to the page's own server
};
[[nodiscard]] std::string html_page(const Page& page);

/// The text with the signs of HTML escaped; also fit for attribute values in double quotes.
[[nodiscard]] std::string html_text(std::string_view text);

}  // namespace faultline::reports
