// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.hpp"

namespace faultline {

/// Which instances: `kv` (all), `kv[1]`, `kv@primary`, `kv:any` (seeded choice),
/// `kv@secondary:any`,
/// `$first` (what the injection with that id hit).
struct Selector {
    std::string text;      // as written
    std::string target{};  // empty for a remembered victim
    std::optional<int> index{};
    std::optional<std::string> role{};
    bool any = false;
    std::optional<std::string> remembered{};
};

/// Errors: what is wrong with the form; whether the names exist is checked against a scenario.
[[nodiscard]] Result<Selector> parse_selector(std::string_view text);

}  // namespace faultline
