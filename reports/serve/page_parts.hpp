// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reports/serve/run_index.hpp"

namespace faultline::reports {

// What the pages of `faultline serve` have in common.

[[nodiscard]] std::string_view serve_style();
[[nodiscard]] std::string_view list_script();

/// "recovery_time.p50" of a run as people read it: "1.05 s", "93.4 %", "-".
[[nodiscard]] std::string say_measure(std::size_t measure, const std::optional<double>& value);
/// <time datetime="...">2026-11-22 22:12:35</time>
[[nodiscard]] std::string time_element(const std::string& iso);
/// A link to the report of the run.
[[nodiscard]] std::string run_link(const RunEntry& entry, const std::string& text);
/// The status as a word with a class of its own: <span class="status pass">pass</span>
[[nodiscard]] std::string status_element(const RunEntry& entry);
/// The address of the list: "/?scenario=a&status=fail&q=x&page=2".
[[nodiscard]] std::string list_address(const RunFilter& filter, std::size_t page);

}  // namespace faultline::reports
