// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// What a request may at most be. Units: bytes, but for `words`.
struct RespRequestLimits {
    std::size_t words = 65536;
    std::size_t word_bytes = std::size_t{8} << 20;
    std::size_t request_bytes = std::size_t{16} << 20;
    std::size_t inline_bytes = std::size_t{64} << 10;
};

/// What stands at the front of a client's stream.
struct RespRequest {
    enum class State : std::uint8_t {
        complete,
        incomplete,
        broken  // the connection cannot go on
    };
    State state = State::incomplete;
    std::size_t bytes = 0;                  // of the request, when complete
    std::vector<std::string_view> words{};  // point into the input; empty: nothing was asked
    std::string error{};  // when broken, the error reply: "ERR Protocol error: ..."
};

/// Reads one request of the Redis protocol: an array of bulk strings, or words on a line ("inline",
/// for telnet and redis-benchmark's PING_INLINE). What is over a limit is broken before it has
/// arrived. Source: https://redis.io/docs/reference/protocol-spec
[[nodiscard]] RespRequest parse_resp_request(std::string_view input,
                                             const RespRequestLimits& limits);

}  // namespace faultline
