// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.hpp"

namespace faultline {

/// A regular expression over log lines. Linear time whatever the line (RE2).
class LogMatcher {
  public:
    /// Errors: RE2's complaint.
    [[nodiscard]] static Result<LogMatcher> compile(const std::string& pattern);
    LogMatcher(LogMatcher&&) noexcept;
    LogMatcher& operator=(LogMatcher&&) noexcept;
    ~LogMatcher();

    /// Capture groups by name, unnamed ones by number from "1"; absent: no match.
    [[nodiscard]] std::optional<std::map<std::string, std::string>> match(
        std::string_view line) const;

  private:
    struct State;
    explicit LogMatcher(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace faultline
