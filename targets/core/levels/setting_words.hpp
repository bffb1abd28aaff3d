// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"

namespace ftcore {

/// The words of one line: separated by blanks, "double quoted" with \n \r \t \" \\ \xHH, 'single
/// quoted' with \'. An unquoted word that begins with # begins a comment.
/// Errors: an open quote, or letters right behind a closing one.
/// Source: the argument rules of redis.conf.
[[nodiscard]] faultline::Result<std::vector<std::string>> split_words(std::string_view line);

/// The word as `split_words` reads it back: quoted where it must be.
[[nodiscard]] std::string quote_word(std::string_view word);

}  // namespace ftcore
