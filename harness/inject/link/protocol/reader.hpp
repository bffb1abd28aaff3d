// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "harness/inject/link/protocol/request.hpp"

namespace faultline::link {

/// The most that the head of a request or an answer may have; what is longer is not understood.
inline constexpr std::size_t head_bytes_max = std::size_t{64} << 10;

/// Finds the requests in what one who connects sends. Only heads are looked at as a whole; bodies
/// are followed as they stream by, so that it keeps next to nothing.
///
///   head() ─► incomplete: more bytes are needed, call again with those and the new ones
///        └──► foreign: this is something else
///        └──► request: its head is the first `bytes`; `request()` until the next call
///               └─► while in_body(): body() tells how many bytes belong to it
class RequestReader {
  public:
    virtual ~RequestReader() = default;

    enum class State : std::uint8_t { incomplete, request, foreign };
    struct Head {
        State state = State::incomplete;
        std::size_t bytes = 0;
    };
    /// Requires: not in a body; `input` begins after the last request, and with what was incomplete
    /// the last time.
    [[nodiscard]] virtual Head head(std::string_view input) = 0;
    [[nodiscard]] virtual const Request& request() const = 0;

    [[nodiscard]] virtual bool in_body() const = 0;
    struct Body {
        std::size_t bytes = 0;
        bool foreign = false;  // after those bytes, what follows is not understood
    };
    [[nodiscard]] virtual Body body(std::string_view input) = 0;
};

/// Finds the ends of the answers in what is sent back. They pass while it looks.
class AnswerReader {
  public:
    virtual ~AnswerReader() = default;

    enum class State : std::uint8_t {
        within,    // all bytes belong to an answer that goes on
        complete,  // an answer ends with these bytes
        switched,  // with these bytes the connection becomes something else (101)
        foreign,   // what follows is not understood
    };
    struct Step {
        State state = State::within;
        std::size_t bytes = 0;
    };
    /// `head_only`: the answer has no body, whatever its head says (HEAD).
    [[nodiscard]] virtual Step next(std::string_view input, bool head_only) = 0;
};

struct Readers {
    std::unique_ptr<RequestReader> requests;
    std::unique_ptr<AnswerReader> answers;
};
/// Requires: `protocol` is not `automatic`.
[[nodiscard]] Readers make_readers(RequestProtocol protocol);

}  // namespace faultline::link
