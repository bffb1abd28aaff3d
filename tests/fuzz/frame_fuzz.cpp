// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "targets/core/protect/crc32c.hpp"
#include "targets/core/wire/frame.hpp"

namespace {

/// A broken property of the codec: the fuzzer keeps the input.
void require(bool holds) {
    if (!holds) std::abort();
}

/// The bytes as a frame whose length and checksum are right, so that the fuzzer gets past them.
std::string framed(std::string_view payload) {
    std::string out;
    for (const std::uint32_t word :
         {static_cast<std::uint32_t>(payload.size()), ftcore::crc32c(payload)}) {
        for (unsigned shift = 0; shift < 32; shift += 8)
            out += static_cast<char>(word >> shift & 0xFFU);
    }
    return out.append(payload);
}

void check(std::string_view input) {
    const ftcore::FrameParse parse = ftcore::parse_frame(input);
    if (parse.state == ftcore::FrameParse::State::broken) require(!parse.reason.empty());
    if (parse.state != ftcore::FrameParse::State::complete) return;
    require(parse.bytes >= 8 && parse.bytes <= input.size());
    std::string again;
    append_frame(again, parse.frame);
    const ftcore::FrameParse second = ftcore::parse_frame(again);
    require(second.state == ftcore::FrameParse::State::complete);
    require(second.frame.messages == parse.frame.messages);
}

}  // namespace

// Any bytes from a peer are a frame, a part of one, or refused with a reason; a frame that was read
// means the same when it is written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check(input);
    check(framed(input));
    return 0;
}
