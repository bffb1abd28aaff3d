// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "harness/base/resp.hpp"
#include "harness/base/resp_request.hpp"

namespace {

/// A broken property of the parser: the fuzzer keeps the input.
void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

// Any bytes from a client are complete, incomplete or broken; what is complete means the same when
// it is written again, and nothing shorter of it is complete.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using State = faultline::RespRequest::State;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const faultline::RespRequestLimits limits{
        .words = 64, .word_bytes = 4096, .request_bytes = 8192, .inline_bytes = 512};
    const faultline::RespRequest parse = faultline::parse_resp_request(input, limits);
    if (parse.state == State::broken) require(!parse.error.empty());
    if (parse.state != State::complete) return 0;
    require(parse.bytes > 0 && parse.bytes <= size);
    require(parse.words.size() <= limits.inline_bytes);
    require(faultline::parse_resp_request(input.substr(0, parse.bytes - 1), limits).state !=
            State::complete);
    if (parse.words.empty() || parse.words.size() > limits.words) return 0;
    std::string again;
    faultline::append_command(again, std::span(parse.words));
    const faultline::RespRequest second = faultline::parse_resp_request(again, {});
    require(second.state == State::complete && second.words == parse.words);
    return 0;
}
