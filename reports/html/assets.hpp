// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace faultline::reports {

// The files that pages are made of, as they lie beside this one; part of the program's own file, so
// that nothing needs to be installed with it.

/// style/*.css.
[[nodiscard]] std::string_view page_style();
/// vendor/echarts.min.js: Apache ECharts, as the global `echarts`.
[[nodiscard]] std::string_view chart_library();
/// script/*.js, one after the other.
[[nodiscard]] std::string_view report_script();

}  // namespace faultline::reports
