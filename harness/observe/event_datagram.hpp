// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/timeline/event.hpp"

namespace faultline {

/// The event that a datagram holds: one JSON object with "event", a name. "at" and "from" become
/// the instant and the instance, everything else a field (numbers and structures as their JSON
/// text). An "at" after `arrived`, before `opened` or not an integer cannot be true: the event then
/// happened at `arrived`, with the field clock = "clamped" and what was claimed in "claimed_at".
/// Absent: it is not such an object.
[[nodiscard]] std::optional<Event> decode_event(std::string_view datagram,
                                                Instant arrived,
                                                Instant opened);

/// The front of bytes nobody could read, printable, for a message.
[[nodiscard]] std::string shortened(std::string_view datagram);

}  // namespace faultline
