// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/check.hpp"
#include "harness/base/time.hpp"

namespace faultline {

/// How an operation ended. A timeout is `unknown`: it may have happened (FoundationDB calls it
/// commit_unknown_result, Jepsen :info).
enum class Outcome : std::uint8_t { ok, failed, unknown };

/// Why it was not ok.
enum class Failure : std::uint8_t {
    none,
    refused,      // connect refused or no address to send to: it did not happen
    timeout,      // no reply by the deadline (unknown), or never sent by then (failed)
    connection,   // the connection ended with the operation in flight (unknown)
    error_reply,  // the service said no: it did not happen
    unexpected,   // a reply that breaks the protocol or the expectation
    unsent,       // the trial ended before it could be sent
};
[[nodiscard]] std::string_view name_of(Failure failure);

/// One operation of the load. Its index in the log is its sequence number, which makes written
/// values unique. Shape: 32 bytes, fixed; also the row of the operations file.
struct Operation {
    std::int64_t intended_ns = 0;  // CLOCK_MONOTONIC: when the schedule wanted it to start
    std::int64_t end_ns = 0;       // reply, failure or timeout; 0 while in flight
    std::uint32_t lag_us = 0;      // the generator's own lateness: intended start → handed to the
                               // kernel, or put in line because no connection had room; saturates
    std::uint32_t key = 0;      // which key, by the driver's numbering
    std::uint32_t version = 0;  // what the reply said, by the driver: a counter's value, a status
    std::uint8_t kind = 0;      // index into the driver's operation names
    Outcome outcome = Outcome::unknown;
    Failure failure = Failure::none;
    std::uint8_t endpoint = 0xFF;  // index of the instance it was sent to; 0xFF: none
};
static_assert(sizeof(Operation) == 32);

/// The earliest instant at which it can have reached the service.
[[nodiscard]] inline std::int64_t sent_ns(const Operation& operation) {
    return operation.intended_ns + std::int64_t{operation.lag_us} * 1000;
}

/// All operations of a trial in order of intended start. Grows without moving what is there, so
/// that ten million operations never need twice their memory. Thread: one writer; readers after it
/// is done.
class OperationLog {
  public:
    /// Operations lie side by side from each multiple of this to the next.
    static constexpr std::size_t chunk_size = 1 << 16;

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    Operation& push_back(const Operation& operation) {
        if (size_ % chunk_size == 0) chunks_.push_back(std::make_unique<Chunk>());
        Operation& slot = (*chunks_.back())[size_ % chunk_size];
        slot = operation;
        ++size_;
        return slot;
    }
    [[nodiscard]] Operation& operator[](std::size_t index) {
        return (*chunks_[index / chunk_size])[index % chunk_size];
    }
    [[nodiscard]] const Operation& operator[](std::size_t index) const {
        return (*chunks_[index / chunk_size])[index % chunk_size];
    }

  private:
    using Chunk = std::array<Operation, chunk_size>;
    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::size_t size_ = 0;
};

}  // namespace faultline
