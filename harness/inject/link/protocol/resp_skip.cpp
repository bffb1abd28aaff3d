// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/resp_skip.hpp"

#include <algorithm>

#include "harness/inject/link/protocol/reader.hpp"

namespace faultline::link {
namespace {

constexpr int digits_max = 19;

}  // namespace

void RespSkip::begin_value() {
    open_.clear();
    bulks_only_ = false;
    part_ = Part::type;
}

void RespSkip::begin_bulks(std::uint64_t count) {
    open_.clear();
    bulks_only_ = true;
    part_ = Part::done;
    if (count == 0) return;
    open_.push_back(count);
    part_ = Part::type;
}

void RespSkip::begin_within_bulk(std::uint64_t bytes, std::uint64_t count) {
    begin_bulks(count);
    left_ = bytes;
    part_ = bytes > 0 ? Part::bulk : Part::bulk_end;
}

RespSkip::Taken RespSkip::take(std::string_view input) {
    std::size_t at = 0;
    while (at < input.size() && part_ != Part::done) {
        if (part_ == Part::bulk) {
            const std::uint64_t run = std::min<std::uint64_t>(left_, input.size() - at);
            at += static_cast<std::size_t>(run);
            left_ -= run;
            if (left_ == 0) part_ = Part::bulk_end;
            continue;
        }
        if (!step(input[at])) return {.bytes = at, .broken = true};
        ++at;
    }
    return {.bytes = at};
}

bool RespSkip::step(char c) {
    switch (part_) {
        case Part::type:
            return type(c);
        case Part::number:
            return digit(c);
        case Part::text:
            if (c == '\r') part_ = Part::line_end;
            return c != '\n' && ++line_bytes_ < head_bytes_max;
        case Part::line_end:
            return c == '\n' && line_ended();
        case Part::bulk_end:
            part_ = Part::bulk_end_2;
            return c == '\r';
        case Part::bulk_end_2:
            value_ended();
            return c == '\n';
        case Part::bulk:
        case Part::done:
            break;
    }
    return false;
}

bool RespSkip::type(char c) {
    type_ = c;
    line_bytes_ = 0;
    left_ = 0;
    digits_ = 0;
    signed_ = false;
    negative_ = false;
    part_ = c == '+' || c == '-' ? Part::text : Part::number;
    if (bulks_only_) return c == '$';
    return c == '+' || c == '-' || c == ':' || c == '$' || c == '*';
}

bool RespSkip::digit(char c) {
    if (c == '\r' && digits_ > 0) {
        part_ = Part::line_end;
        return true;
    }
    if ((c == '-' || (c == '+' && type_ == ':')) && digits_ == 0 && !signed_) {
        signed_ = true;
        negative_ = c == '-';
        return true;
    }
    if (c < '0' || c > '9' || ++digits_ > digits_max) return false;
    left_ = left_ * 10 + static_cast<std::uint64_t>(c - '0');
    return true;
}

bool RespSkip::line_ended() {
    switch (type_) {
        case '$':
            if (negative_) {
                value_ended();
                return left_ == 1 && !bulks_only_;
            }
            part_ = left_ > 0 ? Part::bulk : Part::bulk_end;
            return left_ <= resp_bulk_bytes_max;
        case '*':
            return array_begins();
        default:
            value_ended();
            return true;
    }
}

bool RespSkip::array_begins() {
    if (negative_ || left_ == 0) {
        value_ended();
        return !negative_ || left_ == 1;
    }
    if (left_ > resp_elements_max || open_.size() == resp_depth_max) return false;
    open_.push_back(left_);
    part_ = Part::type;
    return true;
}

void RespSkip::value_ended() {
    while (!open_.empty() && --open_.back() == 0)
        open_.pop_back();
    part_ = open_.empty() ? Part::done : Part::type;
}

}  // namespace faultline::link
