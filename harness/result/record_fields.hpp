// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/result/json_fields.hpp"
#include "harness/result/record.hpp"
#include "harness/timeline/timeline.hpp"

namespace faultline {

// Fields that stand in more than one file.

/// In trials.jsonl and timeline.jsonl. `at_ns` is t0; the call that applied the fault began
/// `bracket_ns` before it.
void injection_fields(JsonFields& json, Injection& injection);

/// In run.json, summary.json and the stored calibration.
void instrument_fields(JsonFields& json, InstrumentError& instrument);

}  // namespace faultline
