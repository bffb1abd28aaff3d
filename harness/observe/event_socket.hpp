// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "harness/base/loop.hpp"
#include "harness/base/result.hpp"
#include "harness/timeline/event.hpp"

namespace faultline {

/// The Unix datagram socket that FAULTLINE_EVENTS names. One datagram = one JSON object with at
/// least "event"; "at" is CLOCK_MONOTONIC in nanoseconds, absent: the arrival. The sender is named
/// by "from", or found by its pid (SCM_CREDENTIALS). Thread: the loop's.
class EventSocket {
  public:
    struct Options {
        std::filesystem::path path;  // at most 107 bytes
        std::function<void(Event)> on_event;
        std::function<std::string(int pid)> instance_of{};  // names the sender; may be empty
    };
    [[nodiscard]] static Result<std::unique_ptr<EventSocket>> open(Loop& loop, Options options);
    virtual ~EventSocket() = default;
    /// Datagrams that were not JSON objects with "event", and the last of them, shortened.
    [[nodiscard]] virtual std::uint64_t malformed() const = 0;
    [[nodiscard]] virtual std::string malformed_example() const = 0;
    /// Reads what has arrived without waiting.
    virtual void drain() = 0;
};

}  // namespace faultline
