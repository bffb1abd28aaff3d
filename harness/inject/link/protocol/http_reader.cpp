// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/http_reader.hpp"

namespace faultline::link {
namespace {

constexpr int switching_protocols = 101;

/// Whether an incomplete head can still become a response.
bool may_become_http_response(std::string_view input) {
    constexpr std::string_view known = "HTTP/1.";
    return known.starts_with(input.substr(0, known.size()));
}

}  // namespace

RequestReader::Head HttpRequestReader::head(std::string_view input) {
    const auto end = find_http_head_end(input.substr(0, head_bytes_max), searched_);
    if (!end) {
        searched_ = input.size();
        const bool hopeless = input.size() >= head_bytes_max || !may_become_http_request(input);
        return {hopeless ? State::foreign : State::incomplete, 0};
    }
    searched_ = 0;
    HttpFraming framing;
    if (!read_http_request(input.substr(0, *end), request_, framing)) return {State::foreign, 0};
    body_.begin(framing);
    return {State::request, *end};
}

RequestReader::Body HttpRequestReader::body(std::string_view input) {
    const HttpBody::Taken taken = body_.take(input);
    return {taken.bytes, taken.broken};
}

AnswerReader::Step HttpAnswerReader::next(std::string_view input, bool head_only) {
    Step total;
    while (total.state == State::within && total.bytes < input.size()) {
        const std::string_view rest = input.substr(total.bytes);
        if (!in_body_) {
            const Step step = head(rest, head_only);
            total = {step.state, total.bytes + step.bytes};
            continue;
        }
        const HttpBody::Taken taken = body_.take(rest);
        total.bytes += taken.bytes;
        if (taken.broken) total.state = State::foreign;
        if (body_.done()) total.state = State::complete;
        in_body_ = !body_.done();
    }
    return total;
}

AnswerReader::Step HttpAnswerReader::head(std::string_view input, bool head_only) {
    // Looked at in place when it came in one piece.
    const std::size_t before = head_.size();
    std::string_view text = input.substr(0, head_bytes_max - before);
    if (before > 0) text = head_.append(text);
    const auto end = find_http_head_end(text, before);
    if (!end) {
        if (text.size() >= head_bytes_max || !may_become_http_response(text))
            return {State::foreign, 0};
        if (before == 0) head_ = text;
        return {State::within, input.size()};
    }
    const auto read = read_http_response(text.substr(0, *end), head_only);
    head_.clear();
    const std::size_t bytes = *end - before;
    if (!read) return {State::foreign, bytes};
    if (read->status == switching_protocols) return {State::switched, bytes};
    if (read->status < 200) return {State::within, bytes};  // the final answer follows
    body_.begin(read->framing);
    in_body_ = !body_.done();
    return {in_body_ ? State::within : State::complete, bytes};
}

}  // namespace faultline::link
