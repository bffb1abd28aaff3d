// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reports/comparison_renderer.hpp"
#include "reports/findings.hpp"

namespace faultline::reports {

// Each is at the end of the file of its name.
[[nodiscard]] ComparisonRenderer html_comparison_renderer();
[[nodiscard]] ComparisonRenderer json_comparison_renderer();
[[nodiscard]] ComparisonRenderer markdown_comparison_renderer();
[[nodiscard]] ComparisonRenderer terminal_comparison_renderer();

const std::vector<ComparisonRenderer>& comparison_renderers() {
    static const std::vector<ComparisonRenderer> sorted{
        html_comparison_renderer(),
        json_comparison_renderer(),
        markdown_comparison_renderer(),
        terminal_comparison_renderer(),
    };
    return sorted;
}

const ComparisonRenderer* find_comparison_renderer(const std::string& name) {
    const auto found = std::ranges::find(comparison_renderers(), name, &ComparisonRenderer::name);
    return found == comparison_renderers().end() ? nullptr : &*found;
}

ComparedRun compared_run(const RunRecord& run, const std::string& given) {
    ComparedRun compared{
        .given = given, .run = run.run, .started = run.started, .version = run.faultline_version};
    for (const TrialRecord& trial : run.trials) {
        if (is_invalid(trial)) {
            ++compared.left_out;
        } else if (!trial.control) {
            ++compared.trials;
        }
    }
    return compared;
}

}  // namespace faultline::reports
