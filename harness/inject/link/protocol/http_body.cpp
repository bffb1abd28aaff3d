// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/http_body.hpp"

#include <algorithm>

#include "harness/inject/link/protocol/ascii.hpp"
#include "harness/inject/link/protocol/reader.hpp"

namespace faultline::link {
namespace {

constexpr int size_digits_max = 15;  // below 2^60

int hexadecimal(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

void HttpBody::begin(HttpFraming framing) {
    left_ = framing.length;
    line_bytes_ = 0;
    digits_ = 0;
    switch (framing.body) {
        case HttpFraming::Body::none:
            part_ = Part::done;
            break;
        case HttpFraming::Body::length:
            part_ = left_ > 0 ? Part::plain : Part::done;
            break;
        case HttpFraming::Body::chunked:
            left_ = 0;
            part_ = Part::size;
            break;
        case HttpFraming::Body::until_close:
            part_ = Part::endless;
            break;
    }
}

HttpBody::Taken HttpBody::take(std::string_view input) {
    std::size_t at = 0;
    while (at < input.size() && part_ != Part::done) {
        if (part_ == Part::endless) return {.bytes = input.size()};
        if (part_ == Part::plain || part_ == Part::data) {
            const std::uint64_t run = std::min<std::uint64_t>(left_, input.size() - at);
            at += static_cast<std::size_t>(run);
            left_ -= run;
            if (left_ == 0) part_ = part_ == Part::plain ? Part::done : Part::data_end;
            continue;
        }
        if (!step(input[at])) return {.bytes = at, .broken = true};
        ++at;
    }
    return {.bytes = at};
}

bool HttpBody::size_digit(char c) {
    const int digit = hexadecimal(c);
    if (digit < 0 || ++digits_ > size_digits_max) return false;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return true;
}

bool HttpBody::step(char c) {
    switch (part_) {
        case Part::size:
            if (digits_ > 0 && c == '\r') {
                part_ = Part::size_end;
            } else if (digits_ > 0 && (c == ';' || c == ' ' || c == '\t')) {
                part_ = Part::extension;
            } else {
                return size_digit(c);
            }
            return true;
        case Part::extension:
            if (c == '\r') part_ = Part::size_end;
            return c != '\n' && ++line_bytes_ < head_bytes_max;
        case Part::size_end:
            digits_ = 0;
            line_bytes_ = 0;
            size_line_ended();
            return c == '\n';
        case Part::data_end:
            part_ = Part::data_end_2;
            return c == '\r';
        case Part::data_end_2:
            part_ = Part::size;
            return c == '\n';
        case Part::trailer:
            part_ = c == '\r' ? Part::last_end : Part::field;
            return c != '\n' && ++line_bytes_ < head_bytes_max;
        case Part::field:
            if (c == '\r') part_ = Part::field_end;
            return c != '\n' && ++line_bytes_ < head_bytes_max;
        case Part::field_end:
            part_ = Part::trailer;
            return c == '\n';
        case Part::last_end:
            part_ = Part::done;
            return c == '\n';
        case Part::plain:
        case Part::endless:
        case Part::data:
        case Part::done:
            break;
    }
    return false;
}

}  // namespace faultline::link
