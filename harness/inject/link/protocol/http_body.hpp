// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/inject/link/protocol/http_head.hpp"

namespace faultline::link {

/// Follows one body to its end while it streams by. Source: RFC 9112, sections 6.3 and 7.1.
class HttpBody {
  public:
    void begin(HttpFraming framing);
    [[nodiscard]] bool done() const { return part_ == Part::done; }

    struct Taken {
        std::size_t bytes = 0;  // of the input, that belong to the body
        bool broken = false;    // what follows is no body of this framing
    };
    /// Shape: less than all of the input only when done or broken.
    [[nodiscard]] Taken take(std::string_view input);

  private:
    enum class Part : std::uint8_t {
        plain,       // `left_` bytes
        endless,     // up to the end of the stream
        size,        // a chunk's size in hexadecimal
        extension,   // and what may follow it on its line
        size_end,    // the LF of that line
        data,        // `left_` bytes of a chunk
        data_end,    // its CR
        data_end_2,  // its LF
        trailer,     // at the begin of a line of the trailer section
        field,       // within one
        field_end,   // its LF
        last_end,    // the LF of the empty line
        done,
    };
    /// False: this byte cannot stand here.
    [[nodiscard]] bool step(char c);
    [[nodiscard]] bool size_digit(char c);
    void size_line_ended() { part_ = left_ > 0 ? Part::data : Part::trailer; }

    Part part_ = Part::done;
    std::uint64_t left_ = 0;
    std::size_t line_bytes_ = 0;  // of the size line, or of the trailer section
    int digits_ = 0;
};

}  // namespace faultline::link
