// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/result/record.hpp"

namespace faultline::reports {

struct RenderOptions {
    bool colour = false;
    int width = 100;
    std::filesystem::path directory{};  // where the run lies, for links and timelines
    std::optional<int> trial{};         // for what shows one; absent: the one in the middle
};

/// A way to show a run. One per file, one line in the registry.
struct Renderer {
    std::string name;  // "terminal", "markdown", "junit", "openmetrics"
    std::string file;  // written into the result directory; empty: only printed
    std::string about;
    std::function<std::string(const RunRecord& run, const RenderOptions& options)> render;
    bool shows_trial = false;  // RenderOptions::trial matters to it
};

/// Sorted by name.
[[nodiscard]] const std::vector<Renderer>& renderers();
[[nodiscard]] const Renderer* find_renderer(const std::string& name);

}  // namespace faultline::reports
