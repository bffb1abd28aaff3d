// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace faultline {

/// The candidate closest to `name` by edit distance with transpositions, or empty when none is near
/// enough to be what the user meant (more than a third of the letters differ).
/// Source: Damerau 1964, optimal string alignment.
[[nodiscard]] std::string nearest_name(std::string_view name,
                                       std::span<const std::string> candidates);

/// "; did you mean \"x\"?" or, when nothing is near, "; known: a, b, c" (at most twelve).
[[nodiscard]] std::string suggestion(std::string_view name,
                                     std::span<const std::string> candidates);

}  // namespace faultline
