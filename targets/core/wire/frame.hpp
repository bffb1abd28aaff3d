// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "targets/core/failover/message.hpp"
#include "targets/core/pipeline.hpp"

namespace ftcore {

/// The version of the peer protocol that this build speaks.
constexpr std::uint32_t wire_version = 1;
/// Units: bytes. A longer frame is refused and its connection closed.
constexpr std::size_t frame_bytes_max = std::size_t{32} << 20;

/// The first thing said on a connection, by both ends.
struct Hello {
    std::uint32_t version = wire_version;
    std::string cluster{};
    NodeId node = nobody;
    std::uint64_t incarnation = 0;
    Level level = Level::high;
    /// Counts what this process tries with that peer, from 1: a Hello that was held up on its way
    /// is older than the one that arrived before it. 0: not counted.
    std::uint64_t connection = 0;
};

/// A sign of life, sent on a timer.
struct Beat {
    std::uint64_t sequence = 0;
    Duration interval{};
    Health health{};
};

/// What goes over the wire at once.
struct Frame {
    std::optional<Hello> hello{};
    std::optional<Beat> beat{};
    std::vector<Message> messages{};  // `from` and `to` are those of the connection
};

/// Appends the frame with its length and CRC32C.
void append_frame(std::string& out, const Frame& frame);

/// What stands at the front of a stream.
struct FrameParse {
    enum class State : std::uint8_t { complete, incomplete, broken };
    State state = State::incomplete;
    std::size_t bytes = 0;  // of the frame, when complete
    Frame frame{};
    std::string reason{};  // why it is broken
};

/// Reads one frame. Broken: longer than `frame_bytes_max`, a checksum that does not match, bytes
/// that are no Frame, a message without a body, a Hello of another version (the reason names both).
[[nodiscard]] FrameParse parse_frame(std::string_view input);

}  // namespace ftcore
