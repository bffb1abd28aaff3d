// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {

/// A text with `${...}` in it. `$${` stands for a literal `${`.
/// Names: dir, bin, host, index, name, trial, port.NAME, param.NAME, env.NAME, TARGET[i].port.NAME,
/// TARGET[i].dir, TARGET[i].host, TARGET[i].name, to.TARGET[i].port.NAME,
/// to.port.NAME.
struct TemplateName {
    std::string name;        // what stands between the braces
    std::size_t offset = 0;  // of "${" in the text, in bytes
};

/// The names used in `text`. Errors: an unclosed or empty "${}".
[[nodiscard]] Result<std::vector<TemplateName>> template_names(std::string_view text);

/// Replaces every `${name}` by what `lookup` answers.
/// Errors: the first name for which `lookup` fails.
[[nodiscard]] Result<std::string> expand_template(
    std::string_view text,
    const std::function<Result<std::string>(const std::string& name)>& lookup);

}  // namespace faultline
