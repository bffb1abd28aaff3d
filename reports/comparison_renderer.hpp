// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/judge/comparison.hpp"
#include "harness/result/record.hpp"
#include "reports/renderer.hpp"

namespace faultline::reports {

/// One of the two runs as a comparison names it.
struct ComparedRun {
    std::string given;    // as on the command line: a directory or the id of a stored run
    std::string run;      // id
    std::string started;  // ISO 8601
    std::string version;
    std::filesystem::path directory{};  // empty: read from the store
    std::size_t trials = 0;             // fault trials that count
    std::size_t left_out = 0;
};
[[nodiscard]] ComparedRun compared_run(const RunRecord& run, const std::string& given);

/// What is shown of a comparison.
struct ComparisonReport {
    std::string scenario;
    std::string scenario_file{};
    ComparedRun base, head;
    std::vector<Mismatch> mismatches{};  // serious ones only when compared all the same
    RunComparison comparison;
};

/// A way to show a comparison. One per file, one line in the registry.
struct ComparisonRenderer {
    std::string name;  // "html", "json", "markdown", "terminal"
    std::function<std::string(const ComparisonReport& report, const RenderOptions& options)> render;
};

/// Sorted by name.
[[nodiscard]] const std::vector<ComparisonRenderer>& comparison_renderers();
[[nodiscard]] const ComparisonRenderer* find_comparison_renderer(const std::string& name);

}  // namespace faultline::reports
