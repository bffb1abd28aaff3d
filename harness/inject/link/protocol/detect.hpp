// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/inject/link/protocol/request.hpp"

namespace faultline::link {

/// What the first bytes of one who connects say about the protocol.
enum class Detected : std::uint8_t {
    http,
    redis,
    undecided,  // more bytes are needed
    neither,
};

/// Surer than the readers themselves, because nobody said what to expect: HTTP with a method that
/// is known, Redis with an array (what an inline command looks like, other protocols do too).
[[nodiscard]] Detected detect_protocol(std::string_view first_bytes);

/// What bytes from the middle of a connection say, where a request may or may not begin with them:
/// `neither` unless it surely does. `spoken`: the protocol, where it is known.
[[nodiscard]] Detected detect_midway(std::string_view bytes, RequestProtocol spoken);

}  // namespace faultline::link
