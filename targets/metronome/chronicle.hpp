// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace metronome {

/// One more fact about an instant.
using Fact = std::pair<std::string_view, std::string>;
using Facts = std::vector<Fact>;

/// The metronome's own account of what it did when: the ground truth. Each instant becomes
///
///   stdout   metronome at=1234567890 what=detected planned=1234567000 cause=crash
///   --log    {"what":"detected","at_ns":1234567890,"planned_ns":1234567000,"cause":"crash"}
///   /status  the same objects
///
/// at = CLOCK_MONOTONIC when it had been done; planned = when it was to be done.
class Chronicle {
  public:
    /// Errors: the file cannot be created. Shape: an existing file is continued, so that a
    /// restarted metronome adds to its account.
    [[nodiscard]] static faultline::Result<Chronicle> open(const std::filesystem::path& log);

    /// Writes an instant everywhere. `planned` may be absent (the epoch of the clock).
    void record(std::string_view what,
                faultline::Instant at,
                faultline::Instant planned = {},
                const Facts& facts = {});

    /// The instants so far, as JSON objects; the first thousand of them.
    [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }

  private:
    faultline::UniqueFd log_;
    std::vector<std::string> entries_;
};

}  // namespace metronome
