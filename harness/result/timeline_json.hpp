// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/base/result.hpp"
#include "harness/timeline/timeline.hpp"

namespace faultline {

// timeline.jsonl: a first line about the trial ("line": "timeline"), then its injections
// ("line": "injection") and its events ("line": "event") in the order they were seen. The
// operations are in a file of their own, operations_file.hpp. All instants are CLOCK_MONOTONIC.

[[nodiscard]] std::string encode_timeline(const Timeline& timeline);

/// Shape: without operations.
/// Errors: another version; a line that does not parse, with its number.
[[nodiscard]] Result<Timeline> decode_timeline(const std::string& text);

}  // namespace faultline
