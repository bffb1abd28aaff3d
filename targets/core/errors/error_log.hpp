// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// One error that a node met.
struct ErrorRecord {
    Instant at{};
    ErrorCode code = ErrorCode::none;
    std::string detail{};
};

/// What went wrong on this node: a counter for each code since the start, and the most recent ones
/// with their words. Answers FT.ERRORS. Thread: one owner.
class ErrorLog {
  public:
    /// `recent_max`: how many are kept with their words. Requires: not 0.
    explicit ErrorLog(std::size_t recent_max = 256);

    /// Detail beyond `detail_bytes_max` is cut.
    void record(Instant now, ErrorCode code, std::string_view detail);

    [[nodiscard]] std::uint64_t count(ErrorCode code) const;
    [[nodiscard]] std::uint64_t total() const { return total_; }

    struct Count {
        ErrorCode code;
        std::uint64_t count;
    };
    /// The codes that occurred, in the order of their numbers.
    [[nodiscard]] std::vector<Count> counts() const;
    /// Newest first.
    [[nodiscard]] std::vector<ErrorRecord> recent(std::size_t max = SIZE_MAX) const;
    /// Both as text: "STORAGE_FAILED 3 critical: The disk ...", then "2.5 s ago STORAGE_FAILED
    /// ...".
    [[nodiscard]] std::vector<std::string> lines(Instant now, std::size_t recent_max = 20) const;

    static constexpr std::size_t detail_bytes_max = 256;

  private:
    std::size_t recent_max_;
    std::vector<std::uint64_t> counts_;  // by error_position
    std::vector<ErrorRecord> recent_{};  // a ring once it is full
    std::size_t next_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace ftcore
