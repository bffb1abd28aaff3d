// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace faultline::reports {

/// What comes from targets and files, fit for any report: one line of valid UTF-8 without control
/// characters (blanks instead), so that no terminal obeys it and no XML forbids it.
[[nodiscard]] std::string plain(std::string_view text);

}  // namespace faultline::reports
