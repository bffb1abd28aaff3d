// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/resp_reader.hpp"

#include "harness/inject/link/protocol/resp_head.hpp"

namespace faultline::link {

RequestReader::Head RespRequestReader::head(std::string_view input) {
    const RespHead read = read_resp_head(input, request_);
    switch (read.state) {
        case RespHead::State::incomplete:
            return {State::incomplete, 0};
        case RespHead::State::broken:
            return {State::foreign, 0};
        case RespHead::State::complete:
            break;
    }
    if (read.within_word) {
        rest_.begin_within_bulk(read.word_bytes_left, read.words_left);
    } else {
        rest_.begin_bulks(read.words_left);
    }
    return {State::request, read.bytes};
}

RequestReader::Body RespRequestReader::body(std::string_view input) {
    const RespSkip::Taken taken = rest_.take(input);
    return {taken.bytes, taken.broken};
}

AnswerReader::Step RespAnswerReader::next(std::string_view input, bool /*head_only*/) {
    if (value_.done()) value_.begin_value();
    const RespSkip::Taken taken = value_.take(input);
    if (taken.broken) return {State::foreign, taken.bytes};
    return {value_.done() ? State::complete : State::within, taken.bytes};
}

}  // namespace faultline::link
