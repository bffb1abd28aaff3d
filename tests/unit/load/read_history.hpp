// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/load/drivers/stale_reads.hpp"

namespace faultline::test {

inline constexpr std::uint8_t write_kind = 0, read_kind = 1, other_kind = 2;

/// When an operation was sent and when it ended. Units: microseconds.
struct Span {
    std::int64_t sent = 0, end = 0;
};

/// Operations on key 0 unless said otherwise.
class ReadHistory {
  public:
    explicit ReadHistory(bool counters = false) : counters_(counters) {}

    /// Returns its sequence number.
    std::uint32_t write(Span span, Outcome outcome = Outcome::ok, std::uint32_t answer = 0) {
        return add(write_kind, span, outcome, answer);
    }
    void read(Span span, std::uint32_t value) { add(read_kind, span, Outcome::ok, value + 1); }
    void read_nothing(Span span) { add(read_kind, span, Outcome::ok, 0); }
    std::uint32_t add(std::uint8_t kind, Span span, Outcome outcome, std::uint32_t version) {
        log_.push_back(Operation{.intended_ns = span.sent * 1000,
                                 .end_ns = span.end * 1000,
                                 .key = key,
                                 .version = version,
                                 .kind = kind,
                                 .outcome = outcome});
        return static_cast<std::uint32_t>(log_.size() - 1);
    }
    [[nodiscard]] OperationLog& log() { return log_; }
    [[nodiscard]] StaleReads found() const {
        return find_stale_reads(
            log_, {.write_kind = write_kind, .read_kind = read_kind, .counters = counters_});
    }
    [[nodiscard]] std::uint64_t stale() const { return found().stale; }

    std::uint32_t key = 0;

  private:
    bool counters_;
    OperationLog log_;
};

}  // namespace faultline::test
