// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reports/renderer.hpp"

namespace faultline::reports {

// Each is at the end of the file of its name.
[[nodiscard]] Renderer chrome_trace_renderer();
[[nodiscard]] Renderer html_renderer();
[[nodiscard]] Renderer junit_renderer();
[[nodiscard]] Renderer markdown_renderer();
[[nodiscard]] Renderer openmetrics_renderer();
[[nodiscard]] Renderer otlp_renderer();
[[nodiscard]] Renderer terminal_renderer();

const std::vector<Renderer>& renderers() {
    static const std::vector<Renderer> sorted{
        chrome_trace_renderer(),
        html_renderer(),
        junit_renderer(),
        markdown_renderer(),
        openmetrics_renderer(),
        otlp_renderer(),
        terminal_renderer(),
    };
    return sorted;
}

const Renderer* find_renderer(const std::string& name) {
    const auto& all = renderers();
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const Renderer& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace faultline::reports
