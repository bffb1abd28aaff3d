// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "harness/base/time.hpp"

namespace faultline::link {

/// What one effect has done so far, on all its connections: the proof that it took effect. Written
/// by the engine's thread, read by any.
class Tally {
  public:
    /// A counter that one thread writes.
    class Count {
      public:
        void add(std::uint64_t more = 1) {
            value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
        }
        [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

      private:
        std::atomic<std::uint64_t> value_{0};
    };

    Count connections;  // that it was put on (after its probability was drawn)
    Count spared;       // connections that the draw left alone
    Count chunks;       // that it changed, delayed, cut or held
    Count bytes;        // in them
    Count passed;       // of the chunks: handed on so far
    Count delay_ns;     // sum over those of what was added
    Count bits;         // flipped
    Count resets;       // connections ended by RST
    Count closes;       // connections ended by FIN
    Count silent;       // connections accepted and never answered
    Count requests;     // recognised
    Count answered;     // of them: answered instead of the server
    Count held_up;      // of them: delayed
    Count dropped;      // of them: neither forwarded nor answered
    Count unparsed;     // connections that passed untouched because they speak something else

    /// Stamps the first moment of effect; later calls change nothing.
    void note_first(Instant at) {
        if (first_ns_.load(std::memory_order_relaxed) == 0)
            first_ns_.store(nanoseconds_of(at), std::memory_order_release);
    }
    [[nodiscard]] std::optional<Instant> first() const {
        const auto ns = first_ns_.load(std::memory_order_acquire);
        if (ns == 0) return std::nullopt;
        return instant_of(ns);
    }
    /// The HTTP status of the answers that were given instead of the server's; 0: none was given.
    void note_status(int status) { status_.store(status, std::memory_order_relaxed); }
    [[nodiscard]] int status() const { return status_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> first_ns_{0};
    std::atomic<int> status_{0};
};

}  // namespace faultline::link
