// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reports/trial_digest.hpp"

namespace faultline::reports {

/// Texts that appear again and again, each written once. Shape: by the number `of` gave.
class TextTable {
  public:
    [[nodiscard]] std::size_t of(const std::string& text);
    [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

  private:
    std::map<std::string, std::size_t> numbers_{};
    std::vector<std::string> texts_{};
};

/// A digest as compact JSON, in microseconds since its zero; script/data.js reads it back:
///
///     n trial   f from   t to   ops, bad, ev  totals before anything was left out
///     c, b      good and bad operations of each bin
///     l, m, h   least, median and largest latency of the good ones (l and h: detailed only)
///     x         bad operations, three numbers each: since the one before, latency, kind · 8 +
///     failure e         events, two numbers each: since the one before, text (source, name,
///     instance) d         what they said besides, a text each (detailed only) r         roles,
///     four numbers each: text of instance, text of role, from, length i         injections: [id,
///     fault, on, from, to or null] k         operation kinds
struct TrialEncoding {
    bool detailed = false;
};
[[nodiscard]] std::string encode_digest(const TrialDigest& digest,
                                        const TrialEncoding& encoding,
                                        TextTable& texts);

}  // namespace faultline::reports
